-- The schema, as the migrations make it on each engine. Written by `cargo xtask generate`; to be read, not run:
-- `adstead migrate` notes in `seaql_migrations` what it has applied, and this file does not.


-- ═══ SQLite ═══

-- m2026_11_23_000001_accounts
CREATE TABLE "accounts" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "name" varchar(120) NOT NULL UNIQUE,
    "time_zone" varchar(64) NOT NULL,
    "currency" varchar(3) NULL,
    "second_reviewer" boolean NOT NULL,
    "created_at" integer NOT NULL
);
CREATE TABLE "users" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "account_id" uuid_text NOT NULL,
    "email" varchar(254) NOT NULL,
    "created_at" integer NOT NULL,
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE UNIQUE INDEX "ix_users_account_id_email" ON "users" ("account_id", "email");
CREATE TABLE "api_keys" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "account_id" uuid_text NOT NULL,
    "user_id" uuid_text NOT NULL,
    "role" varchar(32) NOT NULL,
    "digest" varchar(64) NOT NULL UNIQUE,
    "created_at" integer NOT NULL,
    "last_used_at" integer NULL,
    "revoked_at" integer NULL,
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_api_keys_account_id_id" ON "api_keys" ("account_id", "id");

-- m2026_11_23_000002_campaigns
CREATE TABLE "campaigns" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "name" varchar(200) NOT NULL,
    "objective" varchar(32) NOT NULL,
    "platform" varchar(32) NOT NULL,
    "status" varchar(32) NOT NULL,
    "currency" varchar(3) NOT NULL,
    "amount_micros" integer NOT NULL,
    "daily_limit_micros" integer NULL,
    "lifetime_limit_micros" integer NULL,
    "created_by" uuid_text NOT NULL,
    "created_at" integer NOT NULL,
    "updated_at" integer NOT NULL,
    "version" integer NOT NULL,
    "schedule" text NULL,
    "targeting" text NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_campaigns_account_id_status_id" ON "campaigns" ("account_id", "status", "id");
CREATE INDEX "ix_campaigns_account_id_created_by_status" ON "campaigns" ("account_id", "created_by", "status");
CREATE TABLE "ad_groups" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "campaign_id" uuid_text NOT NULL,
    "name" varchar(200) NOT NULL,
    "currency" varchar(3) NULL,
    "amount_micros" integer NULL,
    "daily_limit_micros" integer NULL,
    "lifetime_limit_micros" integer NULL,
    "created_at" integer NOT NULL,
    "updated_at" integer NOT NULL,
    "version" integer NOT NULL,
    "targeting" text NULL,
    PRIMARY KEY ("account_id", "id"),
    FOREIGN KEY ("account_id", "campaign_id") REFERENCES "campaigns" ("account_id", "id")
);
CREATE INDEX "ix_ad_groups_account_id_campaign_id_id" ON "ad_groups" ("account_id", "campaign_id", "id");
CREATE TABLE "ads" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "campaign_id" uuid_text NOT NULL,
    "ad_group_id" uuid_text NOT NULL,
    "platform" varchar(32) NOT NULL,
    "ad_type" varchar(32) NOT NULL,
    "status" varchar(32) NOT NULL,
    "name" varchar(200) NOT NULL,
    "created_by" uuid_text NOT NULL,
    "created_at" integer NOT NULL,
    "updated_at" integer NOT NULL,
    "version" integer NOT NULL,
    "final_url" varchar(2048) NOT NULL,
    "copy" text NOT NULL,
    "asset_ids" text NOT NULL,
    "editors" text NOT NULL,
    "reviews" text NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    FOREIGN KEY ("account_id", "campaign_id") REFERENCES "campaigns" ("account_id", "id"),
    FOREIGN KEY ("account_id", "ad_group_id") REFERENCES "ad_groups" ("account_id", "id")
);
CREATE INDEX "ix_ads_account_id_campaign_id_id" ON "ads" ("account_id", "campaign_id", "id");
CREATE INDEX "ix_ads_account_id_ad_group_id_id" ON "ads" ("account_id", "ad_group_id", "id");
CREATE INDEX "ix_ads_account_id_status_id" ON "ads" ("account_id", "status", "id");
CREATE INDEX "ix_ads_account_id_created_by_status" ON "ads" ("account_id", "created_by", "status");

-- m2026_11_23_000003_assets
CREATE TABLE "assets" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "name" varchar(200) NOT NULL,
    "content_type" varchar(32) NOT NULL,
    "size_bytes" integer NOT NULL,
    "sha256" varchar(64) NOT NULL,
    "width" integer NULL,
    "height" integer NULL,
    "uploaded_by" uuid_text NOT NULL,
    "created_at" integer NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_assets_account_id_uploaded_by" ON "assets" ("account_id", "uploaded_by");

-- m2026_11_23_000004_generations
CREATE TABLE "generations" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "requested_by" uuid_text NOT NULL,
    "created_at" integer NOT NULL,
    "cost_micros" integer NOT NULL,
    "brief" text NOT NULL,
    "variants" text NOT NULL,
    "provenance" text NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_generations_account_id_requested_by" ON "generations" ("account_id", "requested_by");

-- m2026_11_23_000005_performance
CREATE TABLE "performance_events" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "kind" varchar(32) NOT NULL,
    "ad_id" uuid_text NOT NULL,
    "occurred_at" integer NOT NULL,
    "received_at" integer NOT NULL,
    "cost_micros" integer NOT NULL,
    "revenue_micros" integer NOT NULL,
    "country" varchar(2) NULL,
    "device" varchar(32) NULL,
    "placement" varchar(100) NULL,
    PRIMARY KEY ("account_id", "id")
) WITHOUT ROWID;
CREATE TABLE "rejected_events" (
    "account_id" uuid_text NOT NULL,
    "digest" varchar(64) NOT NULL,
    "received_at" integer NOT NULL,
    "reason" text NOT NULL,
    "payload" text NOT NULL,
    PRIMARY KEY ("account_id", "digest")
);
CREATE TABLE "performance_rollups" (
    "account_id" uuid_text NOT NULL,
    "ad_id" uuid_text NOT NULL,
    "bucket_start" integer NOT NULL,
    "impressions" integer NOT NULL,
    "clicks" integer NOT NULL,
    "conversions" integer NOT NULL,
    "spend_micros" integer NOT NULL,
    "revenue_micros" integer NOT NULL,
    PRIMARY KEY ("account_id", "ad_id", "bucket_start")
) WITHOUT ROWID;

-- m2026_11_23_000006_optimizations
CREATE TABLE "optimization_runs" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "ad_id" uuid_text NOT NULL,
    "range_from" integer NOT NULL,
    "range_to" integer NOT NULL,
    "impressions" integer NOT NULL,
    "clicks" integer NOT NULL,
    "conversions" integer NOT NULL,
    "spend_micros" integer NOT NULL,
    "revenue_micros" integer NOT NULL,
    "created_by" uuid_text NOT NULL,
    "created_at" integer NOT NULL,
    "version" integer NOT NULL,
    "recommendations" text NOT NULL,
    "applied" text NULL,
    PRIMARY KEY ("account_id", "id"),
    FOREIGN KEY ("account_id", "ad_id") REFERENCES "ads" ("account_id", "id")
);
CREATE INDEX "ix_optimization_runs_account_id_ad_id_id" ON "optimization_runs" ("account_id", "ad_id", "id");

-- m2026_11_23_000007_idempotency
CREATE TABLE "idempotency_keys" (
    "account_id" uuid_text NOT NULL,
    "key_digest" varchar(64) NOT NULL,
    "claim_id" uuid_text NOT NULL,
    "leased_until" integer NULL,
    "expires_at" integer NOT NULL,
    "fingerprint" varchar(64) NULL,
    "answer" blob NULL,
    PRIMARY KEY ("account_id", "key_digest"),
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_idempotency_keys_expires_at" ON "idempotency_keys" ("expires_at");
CREATE TABLE "signing_keys" (
    "purpose" varchar(32) NOT NULL,
    "secret" blob NOT NULL,
    PRIMARY KEY ("purpose")
);

-- m2026_11_23_000009_event_archive
CREATE TABLE "event_horizon" (
    "id" integer NOT NULL PRIMARY KEY,
    "kept_since" integer NOT NULL
);
CREATE INDEX "ix_rejected_events_account_id_received_at_digest" ON "rejected_events" ("account_id", "received_at", "digest");

-- m2026_11_25_000010_outbox
CREATE TABLE "outbox" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "subscriber" varchar(32) NOT NULL,
    "account_id" uuid_text NOT NULL,
    "event_id" uuid_text NOT NULL,
    "subject_id" uuid_text NOT NULL,
    "name" varchar(64) NOT NULL,
    "actor_id" uuid_text NOT NULL,
    "occurred_at" integer NOT NULL,
    "occurrence" text NOT NULL,
    "attempts" integer NOT NULL,
    "due_at" integer NULL,
    "claim_id" uuid_text NULL,
    "failure" text NULL
);
CREATE INDEX "ix_outbox_subscriber_due_at_id" ON "outbox" ("subscriber", "due_at", "id");
CREATE INDEX "ix_outbox_subscriber_subject_id_id" ON "outbox" ("subscriber", "subject_id", "id");

-- m2026_11_26_000011_asset_contents
ALTER TABLE "assets" ADD COLUMN "unique_sha256" varchar(64) NULL;
UPDATE assets SET unique_sha256 = sha256 WHERE NOT EXISTS (SELECT 1 FROM assets other WHERE other.account_id = assets.account_id AND other.sha256 = assets.sha256 AND other.id < assets.id);
CREATE UNIQUE INDEX "ix_assets_account_id_unique_sha256" ON "assets" ("account_id", "unique_sha256");

-- m2026_11_26_000012_service_switches
CREATE TABLE "disabled_services" (
    "name" varchar(255) NOT NULL PRIMARY KEY,
    "since" integer NOT NULL
);

-- m2026_11_27_000013_notifications
CREATE TABLE "subscriptions" (
    "account_id" uuid_text NOT NULL,
    "id" uuid_text NOT NULL,
    "user_id" uuid_text NOT NULL,
    "events" text NOT NULL,
    "destination" text NOT NULL,
    "timing" text NOT NULL,
    "suspended" varchar(32) NULL,
    "suspended_at" integer NULL,
    "created_at" integer NOT NULL,
    "version" integer NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_subscriptions_id" ON "subscriptions" ("id");
CREATE TABLE "alerts" (
    "alert_key" varchar(200) NOT NULL PRIMARY KEY,
    "raised_at" integer NOT NULL
);
CREATE INDEX "ix_alerts_raised_at" ON "alerts" ("raised_at");

-- m2026_11_27_000014_ai_spending
CREATE TABLE "ai_spending" (
    "account_id" uuid_text NOT NULL,
    "day" varchar(10) NOT NULL,
    "spent_micros" integer NOT NULL,
    PRIMARY KEY ("account_id", "day"),
    FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);


-- ═══ PostgreSQL ═══

-- m2026_11_23_000001_accounts
CREATE TABLE "accounts" (
    "id" uuid NOT NULL PRIMARY KEY,
    "name" varchar(120) NOT NULL UNIQUE,
    "time_zone" varchar(64) NOT NULL,
    "currency" varchar(3) NULL,
    "second_reviewer" bool NOT NULL,
    "created_at" bigint NOT NULL
);
CREATE TABLE "users" (
    "id" uuid NOT NULL PRIMARY KEY,
    "account_id" uuid NOT NULL,
    "email" varchar(254) NOT NULL,
    "created_at" bigint NOT NULL,
    CONSTRAINT "fk_users_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE UNIQUE INDEX "ix_users_account_id_email" ON "users" ("account_id", "email");
CREATE TABLE "api_keys" (
    "id" uuid NOT NULL PRIMARY KEY,
    "account_id" uuid NOT NULL,
    "user_id" uuid NOT NULL,
    "role" varchar(32) NOT NULL,
    "digest" varchar(64) NOT NULL UNIQUE,
    "created_at" bigint NOT NULL,
    "last_used_at" bigint NULL,
    "revoked_at" bigint NULL,
    CONSTRAINT "fk_api_keys_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_api_keys_account_id_id" ON "api_keys" ("account_id", "id");

-- m2026_11_23_000002_campaigns
CREATE TABLE "campaigns" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "name" varchar(200) NOT NULL,
    "objective" varchar(32) NOT NULL,
    "platform" varchar(32) NOT NULL,
    "status" varchar(32) NOT NULL,
    "currency" varchar(3) NOT NULL,
    "amount_micros" bigint NOT NULL,
    "daily_limit_micros" bigint NULL,
    "lifetime_limit_micros" bigint NULL,
    "created_by" uuid NOT NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "version" integer NOT NULL,
    "schedule" text NULL,
    "targeting" text NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    CONSTRAINT "fk_campaigns_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_campaigns_account_id_status_id" ON "campaigns" ("account_id", "status", "id");
CREATE INDEX "ix_campaigns_account_id_created_by_status" ON "campaigns" ("account_id", "created_by", "status");
CREATE TABLE "ad_groups" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "campaign_id" uuid NOT NULL,
    "name" varchar(200) NOT NULL,
    "currency" varchar(3) NULL,
    "amount_micros" bigint NULL,
    "daily_limit_micros" bigint NULL,
    "lifetime_limit_micros" bigint NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "version" integer NOT NULL,
    "targeting" text NULL,
    PRIMARY KEY ("account_id", "id"),
    CONSTRAINT "fk_ad_groups_campaigns" FOREIGN KEY ("account_id", "campaign_id") REFERENCES "campaigns" ("account_id", "id")
);
CREATE INDEX "ix_ad_groups_account_id_campaign_id_id" ON "ad_groups" ("account_id", "campaign_id", "id");
CREATE TABLE "ads" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "campaign_id" uuid NOT NULL,
    "ad_group_id" uuid NOT NULL,
    "platform" varchar(32) NOT NULL,
    "ad_type" varchar(32) NOT NULL,
    "status" varchar(32) NOT NULL,
    "name" varchar(200) NOT NULL,
    "created_by" uuid NOT NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "version" integer NOT NULL,
    "final_url" varchar(2048) NOT NULL,
    "copy" text NOT NULL,
    "asset_ids" text NOT NULL,
    "editors" text NOT NULL,
    "reviews" text NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    CONSTRAINT "fk_ads_campaigns" FOREIGN KEY ("account_id", "campaign_id") REFERENCES "campaigns" ("account_id", "id"),
    CONSTRAINT "fk_ads_ad_groups" FOREIGN KEY ("account_id", "ad_group_id") REFERENCES "ad_groups" ("account_id", "id")
);
CREATE INDEX "ix_ads_account_id_campaign_id_id" ON "ads" ("account_id", "campaign_id", "id");
CREATE INDEX "ix_ads_account_id_ad_group_id_id" ON "ads" ("account_id", "ad_group_id", "id");
CREATE INDEX "ix_ads_account_id_status_id" ON "ads" ("account_id", "status", "id");
CREATE INDEX "ix_ads_account_id_created_by_status" ON "ads" ("account_id", "created_by", "status");

-- m2026_11_23_000003_assets
CREATE TABLE "assets" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "name" varchar(200) NOT NULL,
    "content_type" varchar(32) NOT NULL,
    "size_bytes" bigint NOT NULL,
    "sha256" varchar(64) NOT NULL,
    "width" bigint NULL,
    "height" bigint NULL,
    "uploaded_by" uuid NOT NULL,
    "created_at" bigint NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    CONSTRAINT "fk_assets_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_assets_account_id_uploaded_by" ON "assets" ("account_id", "uploaded_by");

-- m2026_11_23_000004_generations
CREATE TABLE "generations" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "requested_by" uuid NOT NULL,
    "created_at" bigint NOT NULL,
    "cost_micros" bigint NOT NULL,
    "brief" text NOT NULL,
    "variants" text NOT NULL,
    "provenance" text NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    CONSTRAINT "fk_generations_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_generations_account_id_requested_by" ON "generations" ("account_id", "requested_by");

-- m2026_11_23_000005_performance
CREATE TABLE "performance_events" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "kind" varchar(32) NOT NULL,
    "ad_id" uuid NOT NULL,
    "occurred_at" bigint NOT NULL,
    "received_at" bigint NOT NULL,
    "cost_micros" bigint NOT NULL,
    "revenue_micros" bigint NOT NULL,
    "country" varchar(2) NULL,
    "device" varchar(32) NULL,
    "placement" varchar(100) NULL,
    PRIMARY KEY ("account_id", "id", "occurred_at")
) PARTITION BY RANGE (occurred_at);
CREATE TABLE "rejected_events" (
    "account_id" uuid NOT NULL,
    "digest" varchar(64) NOT NULL,
    "received_at" bigint NOT NULL,
    "reason" text NOT NULL,
    "payload" text NOT NULL,
    PRIMARY KEY ("account_id", "digest")
);
CREATE TABLE "performance_rollups" (
    "account_id" uuid NOT NULL,
    "ad_id" uuid NOT NULL,
    "bucket_start" bigint NOT NULL,
    "impressions" bigint NOT NULL,
    "clicks" bigint NOT NULL,
    "conversions" bigint NOT NULL,
    "spend_micros" bigint NOT NULL,
    "revenue_micros" bigint NOT NULL,
    PRIMARY KEY ("account_id", "ad_id", "bucket_start")
);

-- m2026_11_23_000006_optimizations
CREATE TABLE "optimization_runs" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "ad_id" uuid NOT NULL,
    "range_from" bigint NOT NULL,
    "range_to" bigint NOT NULL,
    "impressions" bigint NOT NULL,
    "clicks" bigint NOT NULL,
    "conversions" bigint NOT NULL,
    "spend_micros" bigint NOT NULL,
    "revenue_micros" bigint NOT NULL,
    "created_by" uuid NOT NULL,
    "created_at" bigint NOT NULL,
    "version" integer NOT NULL,
    "recommendations" text NOT NULL,
    "applied" text NULL,
    PRIMARY KEY ("account_id", "id"),
    CONSTRAINT "fk_optimization_runs_ads" FOREIGN KEY ("account_id", "ad_id") REFERENCES "ads" ("account_id", "id")
);
CREATE INDEX "ix_optimization_runs_account_id_ad_id_id" ON "optimization_runs" ("account_id", "ad_id", "id");

-- m2026_11_23_000007_idempotency
CREATE TABLE "idempotency_keys" (
    "account_id" uuid NOT NULL,
    "key_digest" varchar(64) NOT NULL,
    "claim_id" uuid NOT NULL,
    "leased_until" bigint NULL,
    "expires_at" bigint NOT NULL,
    "fingerprint" varchar(64) NULL,
    "answer" bytea NULL,
    PRIMARY KEY ("account_id", "key_digest"),
    CONSTRAINT "fk_idempotency_keys_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_idempotency_keys_expires_at" ON "idempotency_keys" ("expires_at");
CREATE TABLE "signing_keys" (
    "purpose" varchar(32) NOT NULL,
    "secret" bytea NOT NULL,
    PRIMARY KEY ("purpose")
);

-- m2026_11_23_000009_event_archive
CREATE TABLE "event_horizon" (
    "id" integer NOT NULL PRIMARY KEY,
    "kept_since" bigint NOT NULL
);
CREATE INDEX "ix_rejected_events_account_id_received_at_digest" ON "rejected_events" ("account_id", "received_at", "digest");

-- m2026_11_25_000010_outbox
CREATE TABLE "outbox" (
    "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL PRIMARY KEY,
    "subscriber" varchar(32) NOT NULL,
    "account_id" uuid NOT NULL,
    "event_id" uuid NOT NULL,
    "subject_id" uuid NOT NULL,
    "name" varchar(64) NOT NULL,
    "actor_id" uuid NOT NULL,
    "occurred_at" bigint NOT NULL,
    "occurrence" text NOT NULL,
    "attempts" integer NOT NULL,
    "due_at" bigint NULL,
    "claim_id" uuid NULL,
    "failure" text NULL
);
CREATE INDEX "ix_outbox_subscriber_due_at_id" ON "outbox" ("subscriber", "due_at", "id");
CREATE INDEX "ix_outbox_subscriber_subject_id_id" ON "outbox" ("subscriber", "subject_id", "id");

-- m2026_11_26_000011_asset_contents
ALTER TABLE "assets" ADD COLUMN "unique_sha256" varchar(64) NULL;
UPDATE assets SET unique_sha256 = sha256 WHERE NOT EXISTS (SELECT 1 FROM assets other WHERE other.account_id = assets.account_id AND other.sha256 = assets.sha256 AND other.id < assets.id);
CREATE UNIQUE INDEX "ix_assets_account_id_unique_sha256" ON "assets" ("account_id", "unique_sha256");

-- m2026_11_26_000012_service_switches
CREATE TABLE "disabled_services" (
    "name" varchar(255) NOT NULL PRIMARY KEY,
    "since" bigint NOT NULL
);

-- m2026_11_27_000013_notifications
CREATE TABLE "subscriptions" (
    "account_id" uuid NOT NULL,
    "id" uuid NOT NULL,
    "user_id" uuid NOT NULL,
    "events" text NOT NULL,
    "destination" text NOT NULL,
    "timing" text NOT NULL,
    "suspended" varchar(32) NULL,
    "suspended_at" bigint NULL,
    "created_at" bigint NOT NULL,
    "version" integer NOT NULL,
    PRIMARY KEY ("account_id", "id"),
    CONSTRAINT "fk_subscriptions_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);
CREATE INDEX "ix_subscriptions_id" ON "subscriptions" ("id");
CREATE TABLE "alerts" (
    "alert_key" varchar(200) NOT NULL PRIMARY KEY,
    "raised_at" bigint NOT NULL
);
CREATE INDEX "ix_alerts_raised_at" ON "alerts" ("raised_at");

-- m2026_11_27_000014_ai_spending
CREATE TABLE "ai_spending" (
    "account_id" uuid NOT NULL,
    "day" varchar(10) NOT NULL,
    "spent_micros" bigint NOT NULL,
    PRIMARY KEY ("account_id", "day"),
    CONSTRAINT "fk_ai_spending_account" FOREIGN KEY ("account_id") REFERENCES "accounts" ("id")
);


-- ═══ MariaDB and MySQL ═══

-- m2026_11_23_000001_accounts
CREATE TABLE `accounts` (
    `id` binary(16) NOT NULL PRIMARY KEY,
    `name` varchar(120) NOT NULL UNIQUE,
    `time_zone` varchar(64) NOT NULL,
    `currency` varchar(3) NULL,
    `second_reviewer` bool NOT NULL,
    `created_at` bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `users` (
    `id` binary(16) NOT NULL PRIMARY KEY,
    `account_id` binary(16) NOT NULL,
    `email` varchar(254) NOT NULL,
    `created_at` bigint NOT NULL,
    CONSTRAINT `fk_users_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE UNIQUE INDEX `ix_users_account_id_email` ON `users` (`account_id`, `email`);
CREATE TABLE `api_keys` (
    `id` binary(16) NOT NULL PRIMARY KEY,
    `account_id` binary(16) NOT NULL,
    `user_id` binary(16) NOT NULL,
    `role` varchar(32) NOT NULL,
    `digest` varchar(64) NOT NULL UNIQUE,
    `created_at` bigint NOT NULL,
    `last_used_at` bigint NULL,
    `revoked_at` bigint NULL,
    CONSTRAINT `fk_api_keys_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_api_keys_account_id_id` ON `api_keys` (`account_id`, `id`);

-- m2026_11_23_000002_campaigns
CREATE TABLE `campaigns` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `name` varchar(200) NOT NULL,
    `objective` varchar(32) NOT NULL,
    `platform` varchar(32) NOT NULL,
    `status` varchar(32) NOT NULL,
    `currency` varchar(3) NOT NULL,
    `amount_micros` bigint NOT NULL,
    `daily_limit_micros` bigint NULL,
    `lifetime_limit_micros` bigint NULL,
    `created_by` binary(16) NOT NULL,
    `created_at` bigint NOT NULL,
    `updated_at` bigint NOT NULL,
    `version` int NOT NULL,
    `schedule` mediumtext NULL,
    `targeting` mediumtext NOT NULL,
    PRIMARY KEY (`account_id`, `id`),
    CONSTRAINT `fk_campaigns_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_campaigns_account_id_status_id` ON `campaigns` (`account_id`, `status`, `id`);
CREATE INDEX `ix_campaigns_account_id_created_by_status` ON `campaigns` (`account_id`, `created_by`, `status`);
CREATE TABLE `ad_groups` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `campaign_id` binary(16) NOT NULL,
    `name` varchar(200) NOT NULL,
    `currency` varchar(3) NULL,
    `amount_micros` bigint NULL,
    `daily_limit_micros` bigint NULL,
    `lifetime_limit_micros` bigint NULL,
    `created_at` bigint NOT NULL,
    `updated_at` bigint NOT NULL,
    `version` int NOT NULL,
    `targeting` mediumtext NULL,
    PRIMARY KEY (`account_id`, `id`),
    CONSTRAINT `fk_ad_groups_campaigns` FOREIGN KEY (`account_id`, `campaign_id`) REFERENCES `campaigns` (`account_id`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_ad_groups_account_id_campaign_id_id` ON `ad_groups` (`account_id`, `campaign_id`, `id`);
CREATE TABLE `ads` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `campaign_id` binary(16) NOT NULL,
    `ad_group_id` binary(16) NOT NULL,
    `platform` varchar(32) NOT NULL,
    `ad_type` varchar(32) NOT NULL,
    `status` varchar(32) NOT NULL,
    `name` varchar(200) NOT NULL,
    `created_by` binary(16) NOT NULL,
    `created_at` bigint NOT NULL,
    `updated_at` bigint NOT NULL,
    `version` int NOT NULL,
    `final_url` varchar(2048) NOT NULL,
    `copy` mediumtext NOT NULL,
    `asset_ids` mediumtext NOT NULL,
    `editors` mediumtext NOT NULL,
    `reviews` mediumtext NOT NULL,
    PRIMARY KEY (`account_id`, `id`),
    CONSTRAINT `fk_ads_campaigns` FOREIGN KEY (`account_id`, `campaign_id`) REFERENCES `campaigns` (`account_id`, `id`),
    CONSTRAINT `fk_ads_ad_groups` FOREIGN KEY (`account_id`, `ad_group_id`) REFERENCES `ad_groups` (`account_id`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_ads_account_id_campaign_id_id` ON `ads` (`account_id`, `campaign_id`, `id`);
CREATE INDEX `ix_ads_account_id_ad_group_id_id` ON `ads` (`account_id`, `ad_group_id`, `id`);
CREATE INDEX `ix_ads_account_id_status_id` ON `ads` (`account_id`, `status`, `id`);
CREATE INDEX `ix_ads_account_id_created_by_status` ON `ads` (`account_id`, `created_by`, `status`);

-- m2026_11_23_000003_assets
CREATE TABLE `assets` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `name` varchar(200) NOT NULL,
    `content_type` varchar(32) NOT NULL,
    `size_bytes` bigint NOT NULL,
    `sha256` varchar(64) NOT NULL,
    `width` bigint NULL,
    `height` bigint NULL,
    `uploaded_by` binary(16) NOT NULL,
    `created_at` bigint NOT NULL,
    PRIMARY KEY (`account_id`, `id`),
    CONSTRAINT `fk_assets_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_assets_account_id_uploaded_by` ON `assets` (`account_id`, `uploaded_by`);

-- m2026_11_23_000004_generations
CREATE TABLE `generations` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `requested_by` binary(16) NOT NULL,
    `created_at` bigint NOT NULL,
    `cost_micros` bigint NOT NULL,
    `brief` mediumtext NOT NULL,
    `variants` mediumtext NOT NULL,
    `provenance` mediumtext NOT NULL,
    PRIMARY KEY (`account_id`, `id`),
    CONSTRAINT `fk_generations_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_generations_account_id_requested_by` ON `generations` (`account_id`, `requested_by`);

-- m2026_11_23_000005_performance
CREATE TABLE `performance_events` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `kind` varchar(32) NOT NULL,
    `ad_id` binary(16) NOT NULL,
    `occurred_at` bigint NOT NULL,
    `received_at` bigint NOT NULL,
    `cost_micros` bigint NOT NULL,
    `revenue_micros` bigint NOT NULL,
    `country` varchar(2) NULL,
    `device` varchar(32) NULL,
    `placement` varchar(100) NULL,
    PRIMARY KEY (`account_id`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `rejected_events` (
    `account_id` binary(16) NOT NULL,
    `digest` varchar(64) NOT NULL,
    `received_at` bigint NOT NULL,
    `reason` mediumtext NOT NULL,
    `payload` mediumtext NOT NULL,
    PRIMARY KEY (`account_id`, `digest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `performance_rollups` (
    `account_id` binary(16) NOT NULL,
    `ad_id` binary(16) NOT NULL,
    `bucket_start` bigint NOT NULL,
    `impressions` bigint NOT NULL,
    `clicks` bigint NOT NULL,
    `conversions` bigint NOT NULL,
    `spend_micros` bigint NOT NULL,
    `revenue_micros` bigint NOT NULL,
    PRIMARY KEY (`account_id`, `ad_id`, `bucket_start`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- m2026_11_23_000006_optimizations
CREATE TABLE `optimization_runs` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `ad_id` binary(16) NOT NULL,
    `range_from` bigint NOT NULL,
    `range_to` bigint NOT NULL,
    `impressions` bigint NOT NULL,
    `clicks` bigint NOT NULL,
    `conversions` bigint NOT NULL,
    `spend_micros` bigint NOT NULL,
    `revenue_micros` bigint NOT NULL,
    `created_by` binary(16) NOT NULL,
    `created_at` bigint NOT NULL,
    `version` int NOT NULL,
    `recommendations` mediumtext NOT NULL,
    `applied` mediumtext NULL,
    PRIMARY KEY (`account_id`, `id`),
    CONSTRAINT `fk_optimization_runs_ads` FOREIGN KEY (`account_id`, `ad_id`) REFERENCES `ads` (`account_id`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_optimization_runs_account_id_ad_id_id` ON `optimization_runs` (`account_id`, `ad_id`, `id`);

-- m2026_11_23_000007_idempotency
CREATE TABLE `idempotency_keys` (
    `account_id` binary(16) NOT NULL,
    `key_digest` varchar(64) NOT NULL,
    `claim_id` binary(16) NOT NULL,
    `leased_until` bigint NULL,
    `expires_at` bigint NOT NULL,
    `fingerprint` varchar(64) NULL,
    `answer` mediumblob NULL,
    PRIMARY KEY (`account_id`, `key_digest`),
    CONSTRAINT `fk_idempotency_keys_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_idempotency_keys_expires_at` ON `idempotency_keys` (`expires_at`);
CREATE TABLE `signing_keys` (
    `purpose` varchar(32) NOT NULL,
    `secret` mediumblob NOT NULL,
    PRIMARY KEY (`purpose`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- m2026_11_23_000009_event_archive
CREATE TABLE `event_horizon` (
    `id` int NOT NULL PRIMARY KEY,
    `kept_since` bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_rejected_events_account_id_received_at_digest` ON `rejected_events` (`account_id`, `received_at`, `digest`);

-- m2026_11_25_000010_outbox
CREATE TABLE `outbox` (
    `id` bigint NOT NULL PRIMARY KEY AUTO_INCREMENT,
    `subscriber` varchar(32) NOT NULL,
    `account_id` binary(16) NOT NULL,
    `event_id` binary(16) NOT NULL,
    `subject_id` binary(16) NOT NULL,
    `name` varchar(64) NOT NULL,
    `actor_id` binary(16) NOT NULL,
    `occurred_at` bigint NOT NULL,
    `occurrence` mediumtext NOT NULL,
    `attempts` int NOT NULL,
    `due_at` bigint NULL,
    `claim_id` binary(16) NULL,
    `failure` mediumtext NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_outbox_subscriber_due_at_id` ON `outbox` (`subscriber`, `due_at`, `id`);
CREATE INDEX `ix_outbox_subscriber_subject_id_id` ON `outbox` (`subscriber`, `subject_id`, `id`);

-- m2026_11_26_000011_asset_contents
ALTER TABLE `assets` ADD COLUMN `unique_sha256` varchar(64) NULL;
UPDATE assets SET unique_sha256 = sha256 WHERE NOT EXISTS (SELECT 1 FROM assets other WHERE other.account_id = assets.account_id AND other.sha256 = assets.sha256 AND other.id < assets.id);
CREATE UNIQUE INDEX `ix_assets_account_id_unique_sha256` ON `assets` (`account_id`, `unique_sha256`);

-- m2026_11_26_000012_service_switches
CREATE TABLE `disabled_services` (
    `name` varchar(255) NOT NULL PRIMARY KEY,
    `since` bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- m2026_11_27_000013_notifications
CREATE TABLE `subscriptions` (
    `account_id` binary(16) NOT NULL,
    `id` binary(16) NOT NULL,
    `user_id` binary(16) NOT NULL,
    `events` mediumtext NOT NULL,
    `destination` mediumtext NOT NULL,
    `timing` mediumtext NOT NULL,
    `suspended` varchar(32) NULL,
    `suspended_at` bigint NULL,
    `created_at` bigint NOT NULL,
    `version` int NOT NULL,
    PRIMARY KEY (`account_id`, `id`),
    CONSTRAINT `fk_subscriptions_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_subscriptions_id` ON `subscriptions` (`id`);
CREATE TABLE `alerts` (
    `alert_key` varchar(200) NOT NULL PRIMARY KEY,
    `raised_at` bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE INDEX `ix_alerts_raised_at` ON `alerts` (`raised_at`);

-- m2026_11_27_000014_ai_spending
CREATE TABLE `ai_spending` (
    `account_id` binary(16) NOT NULL,
    `day` varchar(10) NOT NULL,
    `spent_micros` bigint NOT NULL,
    PRIMARY KEY (`account_id`, `day`),
    CONSTRAINT `fk_ai_spending_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
