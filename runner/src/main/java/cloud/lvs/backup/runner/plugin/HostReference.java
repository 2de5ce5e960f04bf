package cloud.lvs.backup.runner.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A class of this program that a plugin names but cannot see: it is neither in the SPI nor in a jar of the plugin. The JVM would
 * tell of it only when the code that names it runs.
 *
 * @param user the plugin's class that names it
 * @param named the class of this program
 */
record HostReference(String user, String named) {
    private static final String OURS = "cloud/lvs/backup/";
    private static final String SPI = OURS + "spi/";
    private static final String TOOLKIT = "cloud.lvs.backup.toolkit.";
    private static final Pattern CLASS_OF_OURS = Pattern.compile("(?:^|(?<=L))" + OURS + "[^;\\[(<]+");
    private static final String CLASS_FILE = ".class";

    private static final int CLASS = 7;
    private static final int NAME_AND_TYPE = 12;
    private static final int METHOD_TYPE = 16;

    /**
     * The first one in a plugin, if there is one.
     *
     * @param jars all of the plugin
     * @throws IOException if a jar cannot be read
     */
    static Optional<HostReference> firstIn(List<Path> jars) throws IOException {
        Set<String> held = new HashSet<>();
        List<HostReference> all = new ArrayList<>();
        for (Path jar : jars) {
            addFrom(jar, held, all);
        }
        return all.stream().filter(reference -> !held.contains(reference.named)).findFirst();
    }

    /** What is wrong, and what the plugin's author has to do. */
    String problem() {
        return "its class " + user + " names " + named + ", but plugins see cloud.lvs.backup.spi only: "
                + (named.startsWith(TOOLKIT)
                        ? "bundle lvs-backup-toolkit into the plugin's jar"
                        : "build the plugin against lvs-backup-spi alone");
    }

    private static void addFrom(Path jar, Set<String> held, List<HostReference> all) throws IOException {
        // Not JarFile: it would look for signatures and for the version of Java of each class.
        try (ZipFile file = new ZipFile(jar.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (!entry.getName().endsWith(CLASS_FILE)) {
                    continue;
                }
                if (entry.getName().contains(OURS)) {
                    held.add(inSource(entry.getName()
                            .substring(
                                    entry.getName().indexOf(OURS),
                                    entry.getName().length() - CLASS_FILE.length())));
                }
                byte[] code = content(file, entry);
                // Rules out nearly every class of a library, at a fraction of what reading it costs.
                if (new String(code, StandardCharsets.ISO_8859_1).contains(OURS)) {
                    addFrom(code, all);
                }
            }
        }
    }

    private static byte[] content(ZipFile file, ZipEntry entry) throws IOException {
        try (InputStream in = file.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private static void addFrom(byte[] code, Collection<HostReference> all) {
        List<String> texts = new ArrayList<>();
        String user;
        try {
            ClassReader reader = new ClassReader(code);
            user = inSource(reader.getClassName());
            addConstants(reader, texts);
            reader.accept(new Members(texts), ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // Of a later Java than can be read, or damaged: what the JVM says of it is said when it is defined.
            return;
        }
        for (String text : texts) {
            for (Matcher named = CLASS_OF_OURS.matcher(text); named.find(); ) {
                if (!named.group().startsWith(SPI)) {
                    all.add(new HostReference(user, inSource(named.group())));
                }
            }
        }
    }

    private static void addConstants(ClassReader reader, List<String> texts) {
        char[] buffer = new char[reader.getMaxStringLength()];
        for (int i = 1; i < reader.getItemCount(); i++) {
            int item = reader.getItem(i);
            if (item == 0) {
                continue;
            }
            switch (reader.readByte(item - 1)) {
                case CLASS, METHOD_TYPE -> texts.add(reader.readUTF8(item, buffer));
                case NAME_AND_TYPE -> texts.add(reader.readUTF8(item + 2, buffer));
                default -> {}
            }
        }
    }

    private static String inSource(String internalName) {
        return internalName.replace('/', '.');
    }

    /** The types of fields and methods, which no constant need name. */
    private static final class Members extends ClassVisitor {
        private final List<String> texts;

        Members(List<String> texts) {
            super(Opcodes.ASM9);
            this.texts = texts;
        }

        @Override
        public @Nullable FieldVisitor visitField(
                int access, String name, String descriptor, @Nullable String signature, @Nullable Object value) {
            texts.add(descriptor);
            return null;
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            texts.add(descriptor);
            return null;
        }
    }
}
