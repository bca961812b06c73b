-- How much of each allowance is taken, shared by all nodes. "full_at" is when the allowance is whole again if nobody
-- takes more (the generic cell rate algorithm), in milliseconds. It is worth nothing after a crash, hence UNLOGGED.
CREATE UNLOGGED TABLE "allowance" (
  "bucket" text COLLATE "C" NOT NULL,
  "key" text COLLATE "C" NOT NULL,
  "full_at" double precision NOT NULL,
  "granted" integer NOT NULL,
  PRIMARY KEY ("bucket", "key")
) WITH (fillfactor = 50);
