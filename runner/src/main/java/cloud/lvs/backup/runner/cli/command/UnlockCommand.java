package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.catalog.HostProcess.Life;
import cloud.lvs.backup.core.catalog.LockHolder;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "unlock",
        description =
                "Show who has the lock of a job; with --yes free it if its holder is dead. Locks of dead runs expire by"
                        + " themselves.")
final class UnlockCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Option(names = "--yes", description = "Free the lock.")
    boolean yes;

    @Mixin
    SinkOption sink = new SinkOption();

    UnlockCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(session -> {
            String name = session.oneJob("");
            return cli.attempt(name, "unlock", () -> {
                Job job = sink.job(session, name);
                boolean free = yes && cli.mode() == Mode.EXECUTE;
                Optional<LockHolder> holder =
                        free ? session.engine().unlock(job) : session.engine().lockHolder(job);
                String state =
                        holder.map(found -> free ? "freed" : state(found)).orElse("free");
                cli.print(document(job, state, holder), () -> text(job, state, holder));
                if (!free && holder.isPresent()) {
                    cli.console()
                            .say("nothing was changed" + (state.equals("alive") ? "" : "; add --yes to free the lock"));
                }
                return ExitCode.OK;
            });
        });
    }

    private String state(LockHolder holder) {
        Instant now = cli.host().clock().instant();
        if (holder.life() == Life.DEAD) {
            return "dead";
        }
        return holder.isAlive(now) ? "alive" : holder.isGone(now) ? "expired" : "silent";
    }

    private static JsonObject document(Job job, String state, Optional<LockHolder> holder) {
        return new JsonObject()
                .put("job", job.name())
                .put("sink", job.sink().name())
                .put("state", state)
                .put("owner", holder.map(LockHolder::owner).orElse(null))
                .put("since", holder.map(LockHolder::since).orElse(null))
                .put("lastSign", holder.map(LockHolder::lastSign).orElse(null))
                .put("freeAt", holder.map(LockHolder::freeAt).orElse(null));
    }

    private static String text(Job job, String state, Optional<LockHolder> found) {
        String subject = "job " + job.name() + " in sink " + job.sink().name() + " ";
        if (found.isEmpty()) {
            return subject + "is not locked\n";
        }
        LockHolder holder = found.get();
        String line = subject + holder.describe();
        return line
                + switch (state) {
                    case "freed" -> "; the lock is freed\n";
                    case "dead" -> "; that process is dead, the next run takes the lock\n";
                    case "expired" -> "; it has expired, the next run takes it\n";
                    case "silent" -> "; missed its last sign of life, free from " + holder.freeAt() + " on\n";
                    default -> "; it is at work\n";
                };
    }
}
