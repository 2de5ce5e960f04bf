package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.protocol.Actor.Work;
import cloud.lvs.backup.core.protocol.Claim.About;
import cloud.lvs.backup.core.protocol.Claim.Ending;
import cloud.lvs.backup.core.protocol.Claim.Way;
import cloud.lvs.backup.core.report.AdoptReport.Candidate;
import cloud.lvs.backup.core.report.AdoptReport.State;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import java.util.ArrayList;
import java.util.List;

/** The verbs of the engine as the work of actors. */
final class Roles {
    private Roles() {}

    static final Work RUN = (world, self) -> {
        RunReport report = engine(world, self).run(world.job(self), Mode.EXECUTE);
        for (Failure failure : report.failures()) {
            if (failure.cause() != null && !(failure.cause() instanceof BackupException)) {
                world.breaches().add(self.name() + " failed by " + failure.cause());
            }
        }
        List<Claim> claims = new ArrayList<>();
        BackupId id = report.id();
        if (report.outcome().isWhole() && id != null) {
            claims.add(new Claim(World.MAIN, id, About.WHOLE));
        }
        report.copies().forEach(copy -> claims.addAll(claims(copy)));
        return new Ending(
                report.outcome().isWhole() ? Way.DONE : Way.FAILED,
                report.outcome() + " " + id + " " + report.failures() + report.warnings(),
                claims);
    };

    static final Work PRUNE = (world, self) -> new Ending(
            Way.DONE, engine(world, self).prune(world.job(self), Mode.EXECUTE).toString(), List.of());

    static final Work ADOPT = (world, self) -> {
        List<Claim> claims = new ArrayList<>();
        List<Candidate> candidates =
                engine(world, self).adopt(world.job(self), Mode.EXECUTE).candidates();
        for (Candidate candidate : candidates) {
            if (candidate.state() == State.ADOPTED) {
                claims.add(new Claim(World.MAIN, candidate.id(), About.WHOLE));
            }
        }
        return new Ending(claims.isEmpty() ? Way.FAILED : Way.DONE, candidates.toString(), claims);
    };

    /** Holds the oldest backup. */
    static final Work HOLD = (world, self) -> {
        BackupId id = oldest(world);
        engine(world, self).hold(world.job(self), id, "test");
        return new Ending(Way.DONE, "held " + id, List.of(new Claim(World.MAIN, id, About.HELD)));
    };

    /** Copies the oldest backup. */
    static final Work COPY = (world, self) -> {
        Job job = world.job(self);
        CopyReport report =
                engine(world, self).copy(job, oldest(world), job.copies().get(0).sink(), Mode.EXECUTE);
        return new Ending(Way.DONE, report.toString(), claims(report));
    };

    /** What a store does to the backup of this number, from the newest. */
    static Work ruining(int number, Ruin ruin) {
        return (world, self) -> {
            BackupId id = world.backups().get(number);
            self.enter(new Operation(Operation.Effect.WRITES, "main: ruins " + id));
            world.ruin(id, ruin);
            return new Ending(Way.DONE, "ruined " + id, List.of());
        };
    }

    private static BackupEngine engine(World world, Actor self) {
        return World.engine(world.clock(), self.random());
    }

    private static BackupId oldest(World world) {
        return world.backups().get(world.backups().size() - 1);
    }

    private static List<Claim> claims(CopyReport report) {
        BackupId id = report.id();
        return id == null ? List.of() : List.of(new Claim(World.COPIES, id, About.WHOLE));
    }
}
