FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.lock pyproject.toml README.md ./
RUN python -m venv /opt/fortnight \
    && /opt/fortnight/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY app app
COPY bot bot
COPY content content
COPY jobs jobs
COPY migrations migrations
COPY rules rules
COPY sandbox sandbox
COPY services services
COPY store store
RUN /opt/fortnight/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
COPY --from=build /opt/fortnight /opt/fortnight
RUN useradd --system --uid 10001 --create-home fortnight \
    && install --directory --owner=fortnight --mode=0700 /data
ENV PATH="/opt/fortnight/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp \
    FORTNIGHT_CONFIG=/data/config.toml \
    FORTNIGHT_HEALTH__PORT=8481
USER 10001
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8481/health/ready', timeout=15)"]
ENTRYPOINT ["fortnight"]
CMD ["run"]
