CREATE TABLE "log_floor" (
	"sequence" bigint PRIMARY KEY NOT NULL
);
