-- A fence behind the statements' own filters: a transaction sees and writes what its viewer may. "operator" sees
-- all, a person the rows of the organizations that it is a member of at that moment, and nobody nothing. The
-- subqueries do not depend on the row, so that each is answered once for a statement. Written as CASE … IS NOT
-- NULL, a fence counts as letting nearly every row pass, which it does for statements with filters of their own:
-- otherwise the planner takes it for narrow, and sorts all tasks of an organization instead of reading the newest.
ALTER TABLE "task" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "task" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY "task_viewer" ON "task" USING (
  CASE WHEN (SELECT current_setting('zuko.viewer', true)) = 'operator'
    OR organization_id = ANY (ARRAY(
      SELECT member.organization_id FROM member
      WHERE member.user_id = CASE
        WHEN current_setting('zuko.viewer', true) ~ '^[0-9]+$'
        THEN current_setting('zuko.viewer', true)::integer
      END
    ))
  THEN true END IS NOT NULL
);
--> statement-breakpoint
ALTER TABLE "task_owner" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "task_owner" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY "task_owner_viewer" ON "task_owner" USING (
  CASE WHEN (SELECT current_setting('zuko.viewer', true)) = 'operator'
    OR organization_id = ANY (ARRAY(
      SELECT member.organization_id FROM member
      WHERE member.user_id = CASE
        WHEN current_setting('zuko.viewer', true) ~ '^[0-9]+$'
        THEN current_setting('zuko.viewer', true)::integer
      END
    ))
  THEN true END IS NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "audit" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY "audit_viewer" ON "audit" USING (
  CASE WHEN (SELECT current_setting('zuko.viewer', true)) = 'operator'
    OR organization_id = ANY (ARRAY(
      SELECT member.organization_id FROM member
      WHERE member.user_id = CASE
        WHEN current_setting('zuko.viewer', true) ~ '^[0-9]+$'
        THEN current_setting('zuko.viewer', true)::integer
      END
    ))
  THEN true END IS NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_head" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "audit_head" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY "audit_head_viewer" ON "audit_head" USING (
  CASE WHEN (SELECT current_setting('zuko.viewer', true)) = 'operator'
    OR organization_id = ANY (ARRAY(
      SELECT member.organization_id FROM member
      WHERE member.user_id = CASE
        WHEN current_setting('zuko.viewer', true) ~ '^[0-9]+$'
        THEN current_setting('zuko.viewer', true)::integer
      END
    ))
  THEN true END IS NOT NULL
);
--> statement-breakpoint
ALTER TABLE "idempotency_key" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "idempotency_key" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY "idempotency_key_viewer" ON "idempotency_key" USING (
  (SELECT current_setting('zuko.viewer', true)) = 'operator'
  OR user_id = (
    SELECT CASE
      WHEN current_setting('zuko.viewer', true) ~ '^[0-9]+$'
      THEN current_setting('zuko.viewer', true)::integer
    END
  )
);
