DROP TABLE surveillance, certificate, certification_decision, nonconformity, audit_stage,
    management_review, internal_audit, selection, candidate, engagement, meeting, appointment,
    scope_item, scope, communication, audience, awareness;
