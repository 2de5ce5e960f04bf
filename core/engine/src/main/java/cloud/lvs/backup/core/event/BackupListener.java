package cloud.lvs.backup.core.event;

/** Is told what happens, on whatever thread it happens; must be quick. What it throws is logged and harms nothing. */
@FunctionalInterface
public interface BackupListener {
    void on(Event event);
}
