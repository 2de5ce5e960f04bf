package cloud.lvs.backup.provider.postgres.dump;

/** Tells a statement that makes a function or procedure by its first words. */
final class RoutineDetector {
    private int count;
    private boolean creates;

    /** Whether the next word, in lower case, is the one that says so. */
    boolean makesRoutine(String word) {
        count++;
        if (count == 1) {
            creates = word.equals("create");
        }
        return creates && count <= 4 && (word.equals("function") || word.equals("procedure"));
    }
}
