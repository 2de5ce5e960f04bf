package cloud.lvs.backup.runner.metrics;

/** What is measured; dashboards and alerts rely on the names. All are gauges. */
public enum Metric {
    BUCKET_SIZE("s3_bucket_size_bytes", "What the objects in a bucket take, whoever put them there."),
    BUCKET_OBJECTS("s3_bucket_objects_total", "How many objects a bucket holds, whoever put them there."),
    TOTAL_SIZE("s3_total_size_bytes", "What all buckets take; absent while one of them cannot be read."),
    TOTAL_OBJECTS("s3_total_objects", "How many objects all buckets hold; absent while one of them cannot be read."),
    BUCKET_READABLE("lvs_backup_bucket_readable", "1 if it could be told how full a bucket is, else 0."),
    SINK_READABLE("lvs_backup_sink_readable", "1 if a sink could name its buckets, else 0."),
    JOB_READABLE("lvs_backup_job_readable", "1 if the backups of a job in a sink could be counted, else 0."),
    BACKUPS("lvs_backup_backups", "How many backups of a job a sink holds."),
    PARTIAL("lvs_backup_partial_backups", "How many of them are partial."),
    HELD("lvs_backup_held_backups", "How many of them are held."),
    STORED_BYTES("lvs_backup_stored_bytes", "What the artifacts of these backups take."),
    OLDEST("lvs_backup_oldest_timestamp_seconds", "When the oldest of them was captured."),
    NEWEST("lvs_backup_newest_timestamp_seconds", "When the newest of them was captured."),
    LAST_SUCCESS("lvs_backup_last_success_timestamp_seconds", "When the newest whole one of them was captured."),
    LAST_VERIFIED(
            "lvs_backup_last_verified_timestamp_seconds", "When one of them was last proved to be whole, by level."),
    LAST_DRILLED("lvs_backup_last_drilled_timestamp_seconds", "When the restore of one of them was last rehearsed."),
    RPO("lvs_backup_rpo_seconds", "How old the newest backup of a job may become, as configured."),
    COLLECTED("lvs_backup_metrics_timestamp_seconds", "When these metrics were collected.");

    private final String text;
    private final String help;

    Metric(String text, String help) {
        this.text = text;
        this.help = help;
    }

    /** The name Prometheus knows it by. */
    public String text() {
        return text;
    }

    String help() {
        return help;
    }
}
