package cloud.lvs.backup.core.event;

/**
 * Is told what happens, on whatever thread it happens, the events of one piece of work one after the other. It must be quick, as
 * the work waits for it. What it throws is logged and harms nothing.
 */
@FunctionalInterface
public interface BackupListener {
    void on(Event event);
}
