-- Makes the engine's role, once. Its password comes from the environment, so that no command line shows it.
\getenv password ENGINE_PASSWORD
SELECT format('CREATE ROLE fortnight LOGIN PASSWORD %L', :'password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fortnight') \gexec
