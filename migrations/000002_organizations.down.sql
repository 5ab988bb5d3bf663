DROP TABLE invitation, project_role, target_change, project, membership, organization;
