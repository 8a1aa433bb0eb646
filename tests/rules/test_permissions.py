"""Who may do what, and who may press an alert's buttons."""

from __future__ import annotations

import pytest

from rules.permissions import ACTIONS, ROLES, Allowed, Concern, Refused, may, may_press

NOBODY = Concern(owns=False, paged=False, on_rota=False)
REASON = "asked by the owner"


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        ("enrol-patient", "admin coordinator clinician"),
        ("record-infusion", "admin coordinator clinician"),
        ("caseload", "admin coordinator clinician"),
        ("edit-rota", "admin coordinator"),
        ("acknowledge-alert", "admin clinician"),
        ("reveal-alert", "admin clinician"),
        ("close-alert", "admin clinician"),
        ("read-digest", "admin clinician"),
        ("hand-over", "admin clinician"),
        ("manage-staff", "admin"),
        ("export-patient", "admin"),
        ("erase-patient", "admin"),
        ("move-protocol", "admin"),
        ("read-audit", "admin auditor"),
    ],
)
def test_the_table(action: str, roles: str) -> None:
    assert action in ACTIONS
    assert {role for role in ROLES if may(role, action)} == set(roles.split())


def test_unknown_roles_and_actions_are_nobodys() -> None:
    assert not may("patient", "reveal-alert")
    assert not may("admin", "no-such-action")


@pytest.mark.parametrize(
    ("role", "concern", "reason", "verdict"),
    [
        ("clinician", Concern(owns=True, paged=False, on_rota=False), None, Allowed()),
        ("clinician", Concern(owns=False, paged=True, on_rota=False), None, Allowed()),
        ("clinician", Concern(owns=False, paged=False, on_rota=True), None, Allowed()),
        ("clinician", NOBODY, REASON, Refused(reason="not-concerned")),
        ("admin", NOBODY, None, Refused(reason="needs-reason")),
        ("admin", NOBODY, REASON, Allowed()),
        ("coordinator", Concern(owns=True, paged=True, on_rota=True), REASON, Refused(reason="role")),
        ("auditor", Concern(owns=False, paged=False, on_rota=True), REASON, Refused(reason="role")),
    ],
)
def test_details_open_for_the_owner_those_paged_those_on_the_rota_and_admins_with_a_reason(
    role: str, concern: Concern, reason: str | None, verdict: Allowed | Refused
) -> None:
    assert may_press(role, "reveal-alert", concern, reason=reason) == verdict
