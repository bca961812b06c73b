CREATE TABLE `audit_head` (
	`organization_id` integer PRIMARY KEY NOT NULL,
	`position` integer NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
DROP TABLE `rate_limit`;--> statement-breakpoint
INSERT INTO `audit_head` (`organization_id`, `position`, `hash`)
SELECT 0, `seq` - (SELECT count(*) FROM `audit`), '' FROM `sqlite_sequence`
WHERE `name` = 'audit' AND `seq` > (SELECT count(*) FROM `audit`);
--> statement-breakpoint
CREATE TABLE `__new_audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`user_id` integer NOT NULL,
	`client_id` text NOT NULL,
	`request_id` text NOT NULL,
	`organization_id` integer NOT NULL,
	`position` integer NOT NULL,
	`task_id` integer NOT NULL,
	`action` text NOT NULL,
	`changes` text NOT NULL,
	`previous_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_audit` (`id`, `at`, `user_id`, `client_id`, `request_id`, `organization_id`, `position`, `task_id`, `action`, `changes`, `previous_hash`, `hash`)
SELECT `id`, `at`, `user_id`, `client_id`, `request_id`, `organization_id`, row_number() OVER (PARTITION BY `organization_id` ORDER BY `id`), `task_id`, `action`, `changes`, `previous_hash`, `hash` FROM `audit` ORDER BY `id`;
--> statement-breakpoint
DROP TABLE `audit`;--> statement-breakpoint
ALTER TABLE `__new_audit` RENAME TO `audit`;--> statement-breakpoint
CREATE INDEX `audit_task` ON `audit` (`task_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_user` ON `audit` (`user_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `audit_chain` ON `audit` (`organization_id`,`position`);
