package cloud.lvs.backup.provider.longhorn.cluster;

import cloud.lvs.backup.spi.BackupException;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.IntFunction;

/**
 * Sends requests, those again that may yet succeed: an API server that is gone for a while, or a webhook, costs time and no more.
 *
 * @param waiting how time passes
 */
record Requests(Waiting waiting) {
    /** How long nobody may answer. */
    private static final Duration OUTAGE = Duration.ofMinutes(2);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);
    private static final int TRIES_WHEN_TOO_EARLY = 5;

    /**
     * The answer to a request.
     *
     * @param target for messages
     * @param request is given how often it was sent before
     */
    <T> T send(String target, IntFunction<T> request) throws BackupException, InterruptedException {
        Instant end = waiting.now().plus(OUTAGE);
        Duration pause = FIRST_PAUSE;
        for (int sent = 0; ; sent++) {
            stopIfInterrupted();
            ApiFailure failure;
            try {
                return request.apply(sent);
            } catch (KubernetesClientException e) {
                stopIfInterrupted();
                failure = ApiFailure.of(e);
            }
            boolean again = switch (failure.nature()) {
                case TRANSIENT -> waiting.now().isBefore(end);
                case TOO_EARLY -> sent < TRIES_WHEN_TOO_EARLY;
                case CUT_OFF -> sent == 0;
                default -> false;
            };
            if (!again) {
                throw failure.describe(target);
            }
            waiting.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    /** The client tells an interrupt as a failure of its own, with the flag set again. */
    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
    }
}
