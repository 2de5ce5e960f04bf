package cloud.lvs.backup.core.job;

/** Whether work is done, or only told. */
public enum Mode {
    DRY_RUN,
    EXECUTE
}
