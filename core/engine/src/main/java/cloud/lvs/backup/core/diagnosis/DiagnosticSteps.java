package cloud.lvs.backup.core.diagnosis;

import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DiagnosisReport.Result;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Collects what a diagnosis finds; what goes wrong in one step keeps no other from being tried. */
public final class DiagnosticSteps {
    /** Something to try. */
    @FunctionalInterface
    interface Step {
        void take() throws IOException, InterruptedException;
    }

    private final String subject;
    private final List<Result> results = new ArrayList<>();

    /** @param subject e.g. {@code job k3s} */
    DiagnosticSteps(String subject) {
        this.subject = subject;
    }

    /** @return whether it went through and nothing in it failed */
    boolean attempt(String name, Step step) throws InterruptedException {
        int before = results.size();
        try {
            step.take();
        } catch (IOException | RuntimeException | LinkageError e) {
            Failure failure = Failure.of(subject, name, e);
            failed(name, failure.target() + ": " + failure.problem(), failure.remedy(), failure.kind());
        }
        return results.subList(before, results.size()).stream().noneMatch(Result::hasFailed);
    }

    void passed(String name, String detail) {
        results.add(new Result(Check.passed(name, detail), "", Kind.FAILED));
    }

    void warned(String name, String detail, String remedy) {
        results.add(new Result(Check.warned(name, detail), remedy, Kind.FAILED));
    }

    void failed(String name, String detail, String remedy, Kind kind) {
        results.add(new Result(Check.failed(name, detail), remedy, kind));
    }

    /** What the subject found out about itself; of two checks of one name the worse remains, else this one. */
    void add(Check check, Kind kind) {
        Result own = new Result(check, "", kind);
        for (int i = 0; i < results.size(); i++) {
            Result other = results.get(i);
            if (other.check().name().equals(check.name())) {
                int worse = check.status().compareTo(other.check().status());
                if (worse > 0 || worse == 0 && !other.hasFailed()) {
                    results.set(i, own);
                }
                return;
            }
        }
        results.add(own);
    }

    DiagnosisReport diagnosis() {
        return new DiagnosisReport(subject, results);
    }
}
