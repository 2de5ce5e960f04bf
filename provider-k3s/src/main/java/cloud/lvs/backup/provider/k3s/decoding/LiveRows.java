package cloud.lvs.backup.provider.k3s.decoding;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The live rows of a copy of a datastore: of each key the newest, unless that says that it was deleted. Streamed: a sort would
 * gather the values first. */
public final class LiveRows {
    /** Where the API server keeps objects. */
    public static final String ROOT = "/registry/";

    private static final String NEWEST =
            " FROM kine k JOIN (SELECT max(id) AS id FROM kine WHERE name >= ? AND name < ?"
                    + " GROUP BY name) newest USING (id) WHERE k.deleted = 0";
    private static final String VALUE =
            "length(k.value), CASE WHEN length(k.value) <= " + ValueDecoder.MAX_BYTES + " THEN k.value END";

    private final Connection copy;

    public LiveRows(Connection copy) {
        this.copy = copy;
    }

    /** Is given one row after the other. */
    @FunctionalInterface
    public interface KeyVisitor {
        void visit(long id, String key) throws IOException, InterruptedException;
    }

    /** As {@link KeyVisitor}, with the value; its bytes are the visitor's. */
    @FunctionalInterface
    public interface ValueVisitor {
        void visit(Value value) throws IOException, InterruptedException;
    }

    /**
     * A row with its value.
     *
     * @param size of the value in bytes
     * @param bytes the value; empty if it is larger than any that an API server takes
     */
    public record Value(long id, String key, long size, byte[] bytes) {
        /** The value. */
        public byte[] require() throws UndecodableValueException {
            if (size > ValueDecoder.MAX_BYTES) {
                throw UndecodableValueException.damaged(
                        "has " + size + " bytes, more than any API server takes for one object");
            }
            return bytes;
        }
    }

    /** Every key that begins so. */
    public void keys(String prefix, KeyVisitor visitor) throws SQLException, IOException, InterruptedException {
        try (PreparedStatement statement = copy.prepareStatement("SELECT k.id, k.name" + NEWEST)) {
            select(statement, prefix);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    visitor.visit(rows.getLong(1), rows.getString(2));
                }
            }
        }
    }

    /** As {@link #keys}, with the values. */
    public void values(String prefix, ValueVisitor visitor) throws SQLException, IOException, InterruptedException {
        try (PreparedStatement statement = copy.prepareStatement("SELECT k.id, k.name, " + VALUE + NEWEST)) {
            select(statement, prefix);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    visitor.visit(value(rows));
                }
            }
        }
    }

    /** One row. */
    public Value value(long id) throws SQLException {
        try (PreparedStatement statement =
                copy.prepareStatement("SELECT k.id, k.name, " + VALUE + " FROM kine k WHERE k.id = ?")) {
            statement.setLong(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("row " + id + " is not there any more");
                }
                return value(rows);
            }
        }
    }

    private static void select(PreparedStatement statement, String prefix) throws SQLException {
        statement.setString(1, prefix);
        // What follows every text that begins with the prefix: keys are compared by their UTF-8 bytes.
        statement.setString(2, prefix + "\uDBFF\uDFFF");
    }

    private static Value value(ResultSet row) throws SQLException {
        byte[] bytes = row.getBytes(4);
        return new Value(row.getLong(1), row.getString(2), row.getLong(3), bytes == null ? new byte[0] : bytes);
    }
}
