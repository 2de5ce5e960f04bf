package cloud.lvs.backup.runner.plugin;

import java.util.Arrays;
import java.util.Optional;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Replaces calls that would end the process by those of {@link PluginExit}. Calls by reflection and those of native code stay
 * what they are.
 */
final class ExitCallRewriter {
    private static final int API = Opcodes.ASM9;
    private static final int METHOD_REFERENCE = 10;
    private static final String EXIT = PluginExit.class.getName().replace('.', '/');
    private static final String SYSTEM = "java/lang/System";
    private static final String RUNTIME = "java/lang/Runtime";
    private static final String OF_STATUS = "(I)V";
    private static final String OF_RUNTIME_AND_STATUS = "(L" + RUNTIME + ";I)V";

    private ExitCallRewriter() {}

    /** The class without such calls; empty if it has none. */
    static Optional<byte[]> replacedIn(byte[] code) {
        ClassReader reader = new ClassReader(code);
        if (!hasExitCall(reader)) {
            return Optional.empty();
        }
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(new Classes(writer), 0);
        return Optional.of(writer.toByteArray());
    }

    private static boolean hasExitCall(ClassReader reader) {
        char[] buffer = new char[reader.getMaxStringLength()];
        for (int i = 1; i < reader.getItemCount(); i++) {
            int item = reader.getItem(i);
            if (item > 0 && reader.readByte(item - 1) == METHOD_REFERENCE) {
                int nameAndType = reader.getItem(reader.readUnsignedShort(item + 2));
                if (isExit(
                        reader.readClass(item, buffer),
                        reader.readUTF8(nameAndType, buffer),
                        reader.readUTF8(nameAndType + 2, buffer))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isExit(String owner, String name, String descriptor) {
        return descriptor.equals(OF_STATUS)
                && (owner.equals(SYSTEM) && name.equals("exit")
                        || owner.equals(RUNTIME) && (name.equals("exit") || name.equals("halt")));
    }

    private static String replacement(String owner) {
        return owner.equals(SYSTEM) ? OF_STATUS : OF_RUNTIME_AND_STATUS;
    }

    private static final class Classes extends ClassVisitor {
        Classes(ClassVisitor next) {
            super(API, next);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            return new Methods(super.visitMethod(access, name, descriptor, signature, exceptions));
        }
    }

    private static final class Methods extends MethodVisitor {
        Methods(MethodVisitor next) {
            super(API, next);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            if (isExit(owner, name, descriptor)) {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, EXIT, name, replacement(owner), false);
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            }
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            super.visitInvokeDynamicInsn(
                    name,
                    descriptor,
                    bootstrap,
                    Arrays.stream(arguments).map(Methods::replaced).toArray());
        }

        @Override
        public void visitLdcInsn(Object value) {
            super.visitLdcInsn(replaced(value));
        }

        private static Object replaced(Object constant) {
            return constant instanceof Handle handle && isExit(handle.getOwner(), handle.getName(), handle.getDesc())
                    ? new Handle(Opcodes.H_INVOKESTATIC, EXIT, handle.getName(), replacement(handle.getOwner()), false)
                    : constant;
        }
    }
}
