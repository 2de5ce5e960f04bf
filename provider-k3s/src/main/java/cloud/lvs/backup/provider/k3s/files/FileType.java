package cloud.lvs.backup.provider.k3s.files;

/** What a path leads to, as {@code st_mode} tells it. */
public enum FileType {
    REGULAR(0x8000, "a file"),
    DIRECTORY(0x4000, "a directory"),
    NAMED_PIPE(0x1000, "a named pipe (FIFO)"),
    CHARACTER_DEVICE(0x2000, "a character device"),
    BLOCK_DEVICE(0x6000, "a block device"),
    SOCKET(0xC000, "a socket"),
    OTHER(0, "no regular file");

    private static final int MASK = 0xF000;

    private final int mode;
    private final String words;

    FileType(int mode, String words) {
        this.mode = mode;
        this.words = words;
    }

    static FileType ofMode(int mode) {
        for (FileType type : values()) {
            if (type.mode == (mode & MASK)) {
                return type;
            }
        }
        return OTHER;
    }

    /** With its article, e.g. {@code a socket}. */
    public String words() {
        return words;
    }
}
