package cloud.lvs.backup.examples.benchmark.measure;

import java.io.IOException;
import java.time.Duration;

/**
 * How a process went.
 *
 * @param wall from start to end
 * @param cpu processor time, with that of the processes it started and waited for
 * @param ownCpu of these the process itself, without those it started; short of what it took in its last 10 ms
 * @param peakBytes the largest resident set of the process itself, as the kernel counts it (VmHWM)
 * @param exitCode {@link MeasuredCommand#TOOK_TOO_LONG} if it was stopped for that
 * @param out its standard output
 * @param err its standard error
 */
public record Measurement(
        Duration wall, Duration cpu, Duration ownCpu, long peakBytes, int exitCode, String out, String err) {
    public Measurement expect(int code) throws IOException {
        if (exitCode != code) {
            throw new IOException("ended with " + exitCode + " instead of " + code + ": " + err);
        }
        return this;
    }

    public double seconds() {
        return Numbers.seconds(wall);
    }

    public double cpuSeconds() {
        return Numbers.seconds(cpu);
    }
}
