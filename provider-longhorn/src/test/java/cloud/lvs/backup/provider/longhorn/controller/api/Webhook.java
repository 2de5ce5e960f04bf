package cloud.lvs.backup.provider.longhorn.controller.api;

import java.util.Set;

/** What one pair of Longhorn's webhooks says to one kind of objects. */
public interface Webhook {
    /** Which operations the mutating webhook is asked about. */
    Set<Review.Operation> mutates();

    /** Which operations the validating webhook is asked about. */
    Set<Review.Operation> validates();

    /** Fills what is missing; may refuse. */
    default void mutate(Review review) {}

    /** Refuses what is wrong. */
    default void validate(Review review) {}

    /** A refusal by a webhook. */
    final class Denial extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int code;
        private final String field;

        private Denial(int code, String field, String message) {
            super(message);
            this.code = code;
            this.field = field;
        }

        /** A value is wrong: 422. */
        public static Denial invalid(String message, String field) {
            return new Denial(422, field, message);
        }

        /** Not allowed: 403. */
        public static Denial forbidden(String message) {
            return new Denial(403, "", message);
        }

        /** Not understood: 400. */
        public static Denial badRequest(String message) {
            return new Denial(400, "", message);
        }

        /** Something else failed, or the object could not be read: 500. */
        public static Denial internal(String message) {
            return new Denial(500, "", message);
        }

        int code() {
            return code;
        }

        String field() {
            return field;
        }
    }

    /** The webhook's process ended within the call: the API server sees the connection closed. */
    final class Panic extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** A panic with its cause in Longhorn's code. */
        public Panic(String cause) {
            super(cause);
        }
    }
}
