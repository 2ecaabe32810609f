-- on the coordinator; a shard has the ready table, which task_table(MetaData()).create(engine_of_the_shard) makes
CREATE EXTENSION postgres_fdw;
CREATE SERVER shard_0 FOREIGN DATA WRAPPER postgres_fdw
  OPTIONS (host 'shard-0.example.com', port '5432', dbname 'snaptasks', use_remote_estimate 'true', fetch_size '1001');
CREATE SERVER shard_1 FOREIGN DATA WRAPPER postgres_fdw
  OPTIONS (host 'shard-1.example.com', port '5432', dbname 'snaptasks', use_remote_estimate 'true', fetch_size '1001');
CREATE USER MAPPING FOR CURRENT_USER SERVER shard_0 OPTIONS (user 'snaptasks', password 'secret');
CREATE USER MAPPING FOR CURRENT_USER SERVER shard_1 OPTIONS (user 'snaptasks', password 'secret');
CREATE SEQUENCE tasks_position;
CREATE TABLE tasks (
  position bigint NOT NULL DEFAULT nextval('tasks_position'),
  task text COLLATE "C" NOT NULL, operation text COLLATE "C" NOT NULL, service text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL, username text COLLATE "C", item text NOT NULL
) PARTITION BY HASH (task);
CREATE FOREIGN TABLE tasks_0 PARTITION OF tasks FOR VALUES WITH (MODULUS 2, REMAINDER 0)
  SERVER shard_0 OPTIONS (table_name 'tasks');
CREATE FOREIGN TABLE tasks_1 PARTITION OF tasks FOR VALUES WITH (MODULUS 2, REMAINDER 1)
  SERVER shard_1 OPTIONS (table_name 'tasks');
ANALYZE tasks;  -- again, when there are tasks
