-- Splits the tables that grow with the tasks by organization, inside one PostgreSQL (14 or later), with all that is
-- in them. One statement, so that it happens whole or not at all; run it as the user of DATABASE_URL while no node
-- runs. The program needs no change: its statements name the organization.
DO $$
DECLARE
  partitions CONSTANT integer := 16;
  hot CONSTANT text[] := ARRAY['task', 'task_owner', 'audit', 'audit_head'];
  keys CONSTANT text[] := ARRAY['organization_id, id', 'organization_id, task_id, user_id', 'organization_id, id', 'organization_id'];
  at integer;
  part integer;
  one record;
BEGIN
  PERFORM set_config('zuko.viewer', 'operator', true);
  CREATE SCHEMA whole;
  FOR at IN 1 .. array_length(hot, 1) LOOP
    EXECUTE format('ALTER TABLE public.%I SET SCHEMA whole', hot[at]);
    EXECUTE format(
      'CREATE TABLE public.%1$I (LIKE whole.%1$I INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS,
       PRIMARY KEY (%2$s)) PARTITION BY HASH (organization_id)', hot[at], keys[at]);
    FOR part IN 0 .. partitions - 1 LOOP
      EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
        hot[at] || '_' || part, hot[at], partitions, part);
    END LOOP;
    EXECUTE format('INSERT INTO public.%1$I SELECT * FROM whole.%1$I', hot[at]);
  END LOOP;
  -- What a unique key or an index of the whole table was, but for the primary keys, which the organization now leads.
  FOR one IN
    SELECT relation.relname AS name, pg_get_indexdef(index.indexrelid) AS definition
    FROM pg_index AS index JOIN pg_class AS relation ON relation.oid = index.indexrelid
    WHERE relation.relnamespace = 'whole'::regnamespace AND NOT index.indisprimary
  LOOP
    EXECUTE replace(one.definition, ' ON whole.', ' ON public.');
  END LOOP;
  FOR one IN
    SELECT relation.relname AS name, conname, pg_get_constraintdef(pg_constraint.oid) AS definition
    FROM pg_constraint JOIN pg_class AS relation ON relation.oid = conrelid
    WHERE relation.relnamespace = 'whole'::regnamespace AND contype = 'f'
  LOOP
    EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I %s', one.name, one.conname,
      replace(one.definition, ' whole.', ' public.'));
  END LOOP;
  FOR one IN SELECT tablename, policyname, qual FROM pg_policies WHERE schemaname = 'whole' LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', one.tablename);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', one.tablename);
    EXECUTE format('CREATE POLICY %I ON public.%I USING (%s)', one.policyname, one.tablename, one.qual);
  END LOOP;
  PERFORM setval(pg_get_serial_sequence('public.task', 'id'), greatest((SELECT max(id) FROM public.task), 1));
  PERFORM setval(pg_get_serial_sequence('public.audit', 'id'), greatest((SELECT max(id) FROM public.audit), 1));
  DROP SCHEMA whole CASCADE;
END $$
