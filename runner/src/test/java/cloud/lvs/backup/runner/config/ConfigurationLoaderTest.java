package cloud.lvs.backup.runner.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.testing.NotesProvider;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.DurationFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationLoaderTest {
    private static final String SECRET = "hunter2-is-secret";

    private static final String VALID = """
            version: 1
            sources:
              mine: {type: notes, directory: /srv/notes}
            sinks:
              local: {type: vault, path: /var/backups/lvs}
            jobs:
              notes:
                source: mine
                sink: local
            """;

    @TempDir
    Path directory;

    private final Map<String, String> environment = new HashMap<>();
    private final List<String> secrets = new ArrayList<>();
    private Providers providers;

    @BeforeEach
    void discover() throws Exception {
        providers = Providers.discover(null);
    }

    @AfterEach
    void close() {
        providers.close();
    }

    @Test
    void bindsEveryKindOfValue() throws Exception {
        Files.writeString(directory.resolve("token"), SECRET + "\n");
        environment.put("LIMIT", "7");
        Configuration configuration =
                load(VALID.replace("directory: /srv/notes}", """
                        directory: /srv/notes, passwordFile: ./password, token: "${file:token}", limit: "${LIMIT}",
                            patience: 15m, chunk: 5GB, share: 0.25, hidden: TRUE, order: by_size,
                            endpoint: "https://${HOST:-example.org}/x", exclude: [a, no, 0123], weights: {x: 1}, walk: {depth: 9}}""")).configuration();

        var config = (NotesProvider.Config)
                Objects.requireNonNull(configuration.sources().get("mine"))
                        .require()
                        .config();

        assertThat(Objects.requireNonNull(config.token()).reveal()).isEqualTo(SECRET);
        assertThat(secrets).containsExactly(SECRET);
        assertThat(config.limit()).isEqualTo(7);
        assertThat(config.patience()).isEqualTo(Duration.ofMinutes(15));
        assertThat(config.chunk()).isEqualTo(new ByteSize(5_000_000_000L));
        assertThat(config.share()).isEqualTo(0.25);
        assertThat(config.hidden()).isTrue();
        assertThat(config.order()).isEqualTo(NotesProvider.Order.BY_SIZE);
        assertThat(config.endpoint()).hasToString("https://example.org/x");
        assertThat(config.exclude()).containsExactly("a", "no", "0123");
        assertThat(config.weights()).containsExactly(Map.entry("x", 1));
        assertThat(config.walk().depth()).isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource({"90s, PT90S", "15m, PT15M", "26h, PT26H", "7d, PT168H", "4w, PT672H", "250ms, PT0.25S", "PT1H30M, PT90M"
    })
    void readsDurations(String text, Duration duration) {
        assertThat(DurationFormat.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "7 d", "-7d", "1.5h", "7D", "PT-1H", "forever", "9999999999d"})
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> DurationFormat.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fillsInWhatIsNotSaid() throws Exception {
        Configuration configuration = load(VALID).configuration();

        var config = (NotesProvider.Config)
                Objects.requireNonNull(configuration.sources().get("mine"))
                        .require()
                        .config();
        assertThat(config.passwordFile()).isNull();
        assertThat(config.limit()).isEqualTo(1000);
        assertThat(config.order()).isEqualTo(NotesProvider.Order.BY_NAME);
        assertThat(config.walk().depth()).isEqualTo(2);
        assertThat(configuration.defaults().compression().type()).isEqualTo(Configuration.Compression.Format.ZSTD);
        assertThat(configuration.defaults().encryption()).isNull();
        assertThat(configuration.defaults().grace()).isEqualTo(Duration.ofDays(2));
        assertThat(configuration.defaults().confirm()).isEqualTo(new ByteSize(256L << 20));
    }

    @Test
    void tellsOfUnknownNamesHoweverMuchElseIsWrong() {
        assertThat(mistakes(VALID.replace("source: mine", "source: mien")
                                .replace(
                                        "sink: local", "sink: lokal\n    copies: [{sink: elswhere}]\n    retantion: {}")
                        + "coverage: {}\n"))
                .anySatisfy(line -> assertThat(line).contains("there is no source 'mien'; did you mean 'mine'?"))
                .anySatisfy(line -> assertThat(line).contains("there is no sink 'lokal'; did you mean 'local'?"))
                .anySatisfy(line -> assertThat(line).contains("there is no sink 'elswhere'"))
                .anySatisfy(line -> assertThat(line).contains("did you mean 'retention'?"))
                .anySatisfy(line -> assertThat(line).contains("does not have 'coverage' yet"));
    }

    @Test
    void tellsEveryMistakeInOneGoWithItsPlaceAndTheNearestKey() {
        assertThat(mistakes("""
                        version: 1
                        sources:
                          mine: {type: notes, directoy: /srv/notes, limit: many, patience: 7y}
                        sinks:
                          local: {type: vault}
                        jobs:
                          notes:
                            sorce: mine
                            sink: local
                            retention: {type: latest, count: 0}
                            schedule: whenever
                        """))
                .containsExactly(
                        "lvs.yaml:3:23: sources.mine.directoy: unknown key; did you mean 'directory'?",
                        "lvs.yaml:3:52: sources.mine.limit: expects a whole number",
                        "lvs.yaml:3:68: sources.mine.patience: expects a duration such as 90s, 15m, 26h, 7d or 4w",
                        "lvs.yaml:5:10: sinks.local: 'path' is missing",
                        "lvs.yaml:8:5: jobs.notes.sorce: unknown key; did you mean 'source'?",
                        "lvs.yaml:10:38: jobs.notes.retention.count: count must be at least 1, was 0",
                        "lvs.yaml:11:15: jobs.notes.schedule: " + Schedule.EXPECTATION);
    }

    @Test
    void tellsWhatSeveralConstructorsRefuseInTheSameRound() {
        assertThat(mistakes("""
                        version: 1
                        sources:
                          mine: {type: notes, directory: /srv/notes, limit: 0, exclude: [everything-there-is], patience: 7y}
                        sinks:
                          local: {type: vault, path: /x}
                          s3: {type: s3, bucket: "no bucket", prefix: "a//b", partsInFlight: 0, kmsKeyId: k, maxParts: many}
                        defaults:
                          compression: {type: gzip, level: 12, workers: 65, longWindow: 20}
                          encryption: {type: rot13, recipients: [age1short]}
                        jobs:
                          notes: {source: mine, sink: local, expect: {minItems: 0}}
                          Notes: {source: mine, sink: s3, rpo: 0s}
                        """))
                .extracting(line -> line.split(": ")[1])
                .containsExactlyInAnyOrder(
                        "sources.mine.limit",
                        "sources.mine.exclude",
                        "sources.mine.patience",
                        "sinks.s3.bucket",
                        "sinks.s3.prefix",
                        "sinks.s3.partsInFlight",
                        "sinks.s3.maxParts",
                        "defaults.compression.level",
                        "defaults.compression.workers",
                        "defaults.compression.longWindow",
                        "defaults.encryption.type",
                        "defaults.encryption.recipients[0]",
                        "jobs.notes.expect.minItems",
                        "jobs.Notes",
                        "jobs.Notes.rpo");
        assertThat(mistakes(VALID.replace(
                        "{type: vault, path: /var/backups/lvs}",
                        "{type: s3, bucket: fine, prefix: \"a//b\", maxParts: many, kmsKeyId: k, tags: {a: b}}")))
                .extracting(line -> line.split(": ")[1])
                .containsExactly("sinks.local.prefix", "sinks.local.maxParts", "sinks.local.kmsKeyId");
    }

    @Test
    void tellsNothingThatFollowsFromAnotherMistake() {
        assertThat(mistakes(VALID + "    encryption: {type: age, recipents: [age1x]}\n"))
                .containsExactly(
                        "lvs.yaml:10:29: jobs.notes.encryption.recipents: unknown key; did you mean 'recipients'?");
        assertThat(mistakes(VALID + "    encryption: {type: nones}\n"))
                .containsExactly(
                        "lvs.yaml:10:24: jobs.notes.encryption.type: expects one of age, none; did you mean 'none'?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 3 * * *",
                "  0   3 * *\t* ",
                "*/15 0-6,12,18-23 1,15 * MON-FRI",
                "0 0 31 dec sun",
                "5/15 1-23/2 ? jan-mar,6 7",
                "05 03 01 01 0",
                "59 23 * 12 SAT"
            })
    void takesFiveCronFields(String text) {
        assertThat(Schedule.parse(text).fields().split(" ")).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        hello                | five cron fields
        99 99 * * *          | minute (0-59)
        0 24 * * *           | hour (0-23)
        0 3 32 * *           | day of the month (1-31)
        0 3 0 * *            | day of the month (1-31)
        0 3 * 13 *           | month (1-12 or JAN-DEC)
        0 3 * * 8            | day of the week (0-7 or SUN-SAT)
        0 3 * * fry          | day of the week (0-7 or SUN-SAT)
        0 3 * * FRI-MON      | day of the week (0-7 or SUN-SAT)
        30-10 3 * * *        | minute (0-59)
        */0 3 * * *          | minute (0-59)
        1, 3 * * *           | minute (0-59)
        0 3 L * *            | day of the month (1-31)
        0 3 * * MON#1        | day of the week (0-7 or SUN-SAT)
        0 3 * *              | five cron fields
        0 0 3 * * *          | five cron fields
        @daily               | five cron fields
        -1 3 * * *           | minute (0-59)
        """)
    void saysWhichCronFieldIsNone(String text, String told) {
        assertThat(mistakes(VALID + "    schedule: \"" + text + "\"\n"))
                .singleElement()
                .asString()
                .startsWith("lvs.yaml:10:15: jobs.notes.schedule: expects five cron fields")
                .contains(told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        limit: 010        | expects a whole number without a leading zero, which some programs take for
        limit: 0x10       | expects a whole number
        limit: 1_000      | expects a whole number
        limit: 1e3        | expects a whole number
        share: 1f         | expects a number
        share: NaN        | expects a number
        patience: +PT1H   | expects a duration
        """)
    void refusesNumbersThatOthersReadDifferently(String key, String told) {
        assertThat(mistakes(VALID.replace("directory: /srv/notes", "directory: /srv/notes, " + key)))
                .singleElement()
                .asString()
                .contains(told);
    }

    @Test
    void takesNumbersAndTruthValuesInQuotes() throws Exception {
        Configuration configuration = load(VALID.replace("version: 1", "version: \"1\"")
                        .replace("directory: /srv/notes", "directory: /srv/notes, limit: '7', hidden: \"true\""))
                .configuration();

        assertThat(configuration.version()).isEqualTo(1);
    }

    @Test
    void refusesAKeyGivenTwiceWithBothLines() {
        assertThat(mistakes(VALID + "    sink: local\n"))
                .containsExactly(
                        "lvs.yaml:10:5: jobs.notes.sink: is given twice, first in line 9; remove one of the two");
        assertThat(mistakes(VALID + "  notes: {source: mine, sink: local}\n"))
                .containsExactly("lvs.yaml:10:3: jobs.notes: is given twice, first in line 7;"
                        + " two jobs of one name would share a journal: rename one of the two");
    }

    @Test
    void refusesACopyThatWouldShareTheJobsJournal() {
        String other = VALID.replace("jobs:", "  same: {type: vault, path: /var/backups/x/../lvs}\njobs:");

        assertThat(mistakes(other + "    copies: [{sink: local}]\n"))
                .singleElement()
                .asString()
                .startsWith("lvs.yaml:11:21: jobs.notes.copies[0].sink: sink 'local' is the same place as 'local'");
        assertThat(mistakes(other + "    copies: [{sink: same}]\n"))
                .singleElement()
                .asString()
                .contains("'same' is the same place as 'local'")
                .contains("share a journal");
        assertThat(mistakes(other + "    copies: [{sink: elswhere}]\n"))
                .singleElement()
                .asString()
                .contains("there is no sink 'elswhere'; known: local, same");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        jobs: {notes: &n {source: mine, sink: local}}       | anchors
        jobs: {notes: *other}                               | aliases
        jobs: {notes: {<<: {sink: local}, source: mine}}    | merge keys
        jobs: {notes: !!map {source: mine, sink: local}}    | tags
        jobs: {notes: {source: &q mine, sink: local}}       | anchors
        jobs: {notes: {&q source: mine, sink: local}}       | anchors
        jobs: {notes: {source: mine, sink: &q "local"}}     | anchors
        jobs: {notes: {source: mine, sink: &q }}            | anchors
        jobs: {notes: {source: mine, copies: &q []}}        | anchors
        jobs: {notes: {source: mine, sink: *q }}            | aliases
        jobs: {notes: {source: mine, sink: !!str local}}    | tags
        jobs: {notes: {source: mine, sink: ! local}}        | tags
        jobs: {notes: {source: mine, copies: !x [a]}}       | tags
        """)
    void refusesWhatWouldHideWhereAValueComesFrom(String jobs, String word) {
        String text = VALID.substring(0, VALID.indexOf("jobs:")) + jobs + "\n";

        assertThat(mistakes(text))
                .anySatisfy(mistake -> assertThat(mistake)
                        .startsWith("lvs.yaml:6:")
                        .contains("jobs.notes")
                        .contains(word)
                        .contains("not supported"));
    }

    @Test
    void refusesAKeyThatIsNoText() {
        assertThat(mistakes(VALID + "? [a, b]\n: c\n"))
                .singleElement()
                .asString()
                .startsWith("lvs.yaml:10:3: expects a name as the key, found a list");
    }

    @Test
    void tellsWhereACharacterIsThatYamlDoesNotHave() {
        assertThat(mistakes(VALID + "    # end\u0000\n"))
                .containsExactly("lvs.yaml:10:10: not valid YAML: the character U+0000 must not be in it; remove it, or"
                        + " save the file as text in UTF-8");
        assertThat(mistakes("version: 1 # ü\u001B[31m\n"))
                .singleElement()
                .asString()
                .startsWith("lvs.yaml:1:15: not valid YAML: the character U+001B");
    }

    @Test
    void tellsWhereAFileIsNotUtf8() throws Exception {
        Path file = directory.resolve("latin.yaml");
        Files.write(file, (VALID + "# Gr\u00fc\u00dfe").getBytes(StandardCharsets.ISO_8859_1));

        BackupException e = catchThrowableOfType(
                BackupException.class, () -> new ConfigurationLoader(environment, providers, secrets::add).load(file));

        assertThat(e.kind()).isEqualTo(Kind.CONFIG);
        assertThat(e.target()).isEqualTo("configuration " + file + ":10:5");
        assertThat(e.problem()).isEqualTo("is not UTF-8 text from here on");
        assertThat(e.remedy()).isEqualTo("save the file as UTF-8");
    }

    @Test
    void saysWhyAFileCannotBeReadInPlainWords() {
        BackupException e = catchThrowableOfType(
                BackupException.class,
                () -> new ConfigurationLoader(environment, providers, secrets::add).load(directory));

        assertThat(e.problem()).isEqualTo("cannot be read: is a directory");
        assertThat(mistakes(with("${file:.}"))).singleElement().asString().contains("cannot be read (is a directory)");
    }

    @Test
    void refusesASecondDocument() {
        assertThat(mistakes(VALID + "---\nversion: 1\n"))
                .singleElement()
                .asString()
                .contains("a second YAML document begins");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''             | lvs.yaml:1:1: the file is empty
        '# nothing'    | lvs.yaml:1:1: the file is empty
        '- a'          | lvs.yaml:1:1: the file holds a list
        'version'      | lvs.yaml:1:1: the file holds a single value
        """)
    void refusesAFileThatIsNoMapping(String text, String message) {
        assertThat(mistakes(text)).singleElement().asString().startsWith(message);
    }

    @Test
    void refusesTabsAtTheirPlaceWithoutShowingTheLine() {
        assertThat(mistakes("version: 1\njobs:\n\ttoken: " + SECRET + "\n"))
                .singleElement()
                .asString()
                .startsWith("lvs.yaml:3:1: not valid YAML: a tab; indent with spaces");
        assertThat(mistakes("version: 1\njobs: {token: " + SECRET + "\n"))
                .singleElement()
                .asString()
                .contains("not valid YAML")
                .doesNotContain("hunter2");
    }

    @Test
    void tellsWhichVariableOrFileIsMissingAndWhere() {
        assertThat(mistakes(VALID.replace("/srv/notes}", "\"${NOTES}/${file:/no/such}\", token: \"${env:A-B}\"}")))
                .containsExactly(
                        "lvs.yaml:3:34: sources.mine.directory: the environment variable NOTES is not set;"
                                + " set it, or write ${env:NOTES:-default}",
                        "lvs.yaml:3:34: sources.mine.directory: the file /no/such does not exist; create or mount it",
                        "lvs.yaml:3:70: sources.mine.token: an interpolation is not one of ${NAME}, ${env:NAME},"
                                + " ${env:NAME:-default} and ${file:/path}; write $${ for the two characters themselves");
        assertThat(mistakes(VALID.replace("/srv/notes}", "\"${NOTES\"}")))
                .singleElement()
                .asString()
                .contains("no closing '}'");
    }

    @Test
    void interpolatesOnceAndOnlyText() throws Exception {
        environment.put("A", "${B}: {x: 1}\nversion: 2");
        environment.put("B", "never");

        assertThat(text("${A}")).isEqualTo("${B}: {x: 1}\nversion: 2");
        assertThat(text("$${A} $A $")).isEqualTo("${A} $A $");
        assertThat(text("${env:B}-${env:C:-}-${C:-d}")).isEqualTo("never--d");
    }

    @Test
    void limitsInterpolatedFiles() throws Exception {
        Files.write(directory.resolve("large"), new byte[(64 << 10) + 1]);
        Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, 0});
        Files.writeString(directory.resolve("lines"), "two\nlines\n\n");

        assertThat(text("${file:lines}")).isEqualTo("two\nlines\n");
        assertThat(mistakes(with("${file:large}"))).singleElement().asString().contains("larger than 64 KiB");
        assertThat(mistakes(with("${file:binary}"))).singleElement().asString().contains("not UTF-8");
        assertThat(mistakes(with("${file:.}"))).singleElement().asString().contains("cannot be read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password: hunter2-is-secret",
                "limit: hunter2-is-secret",
                "order: hunter2-is-secret",
                "passwordFile: hunter2-is-secret",
                "patience: hunter2-is-secret",
                "hidden: hunter2-is-secret",
                "endpoint: 'https://me:hunter2-is-secret@example.org/'",
                "exclude: [everything-there-is, hunter2-is-secret]",
                "exclude: hunter2-is-secret",
                "walk: hunter2-is-secret",
                "limit: '${SECRET}'",
                "exclude: [AGE-SECRET-KEY-1HUNTER2-IS-SECRET]",
                "type: hunter2-is-secret-but-long-and-!-odd",
            })
    void neverShowsASecretInTheWrongField(String line) {
        environment.put("SECRET", SECRET);
        String text = VALID.replace(
                        "{type: notes, directory: /srv/notes}", "\n    directory: /srv/notes\n    " + line + "\n")
                .replace("    directory", line.startsWith("type") ? "    directory" : "    type: notes\n    directory");

        assertThat(mistakes(text))
                .isNotEmpty()
                .allSatisfy(mistake -> assertThat(mistake)
                        .doesNotContainIgnoringCase("hunter2")
                        .doesNotContain("everything-there-is"));
    }

    @Test
    void saysWhereASecretBelongs() {
        assertThat(mistakes(VALID.replace("directory: /srv/notes", "directory: /srv/notes, password: " + SECRET)))
                .singleElement()
                .asString()
                .contains("sources.mine.password: unknown key; a secret is not written into the configuration:"
                        + " use 'passwordFile'");
        assertThat(mistakes(VALID + "    encryption: {type: age, recipients: [AGE-SECRET-KEY-1QQQQQQQQQQQQQ]}\n"))
                .singleElement()
                .asString()
                .startsWith("lvs.yaml:10:42: jobs.notes.encryption.recipients[0]: holds a secret where none belongs")
                .doesNotContain("QQQ");
    }

    @Test
    void suggestsNamesOfSourcesSinksAndTypes() {
        assertThat(mistakes(VALID.replace("source: mine", "source: mien").replace("sink: local", "sink: lokal")))
                .containsExactly(
                        "lvs.yaml:8:13: jobs.notes.source: there is no source 'mien'; did you mean 'mine'?",
                        "lvs.yaml:9:11: jobs.notes.sink: there is no sink 'lokal'; did you mean 'local'?");
        assertThat(mistakes(VALID.replace("type: notes", "type: nodes")))
                .singleElement()
                .asString()
                .startsWith("lvs.yaml:3:16: sources.mine.type: there is no source type 'nodes'; did you mean 'notes'?");
    }

    @Test
    void refusesWhatAnOfflineLonghornCannotHeed() {
        String text = VALID.replace(
                "sources:",
                "sources:\n  volumes: {type: longhorn, offline: true, backupTarget: local, group: default}");

        assertThat(mistakes(text)).singleElement().asString().contains("sources.volumes", "remove group");
    }

    @Test
    void refusesCoverageUntilItIsThere() {
        assertThat(mistakes(VALID + "coverage: {exclude: [{source: mine, item: a, reason: b}]}\n"))
                .containsExactly(
                        "lvs.yaml:10:1: coverage: this version does not have 'coverage' yet; remove the section");
        assertThat(mistakes(VALID + "coverage: {exclude: [{source: mine, itm: a}]}\n"))
                .hasSize(2)
                .last()
                .asString()
                .contains("did you mean 'item'?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Notes", "a b", "-x", "../x", "x."})
    void refusesNamesThatCannotBeJobs(String name) {
        assertThat(mistakes(VALID.replace("  notes:", "  \"" + name + "\":")))
                .singleElement()
                .asString()
                .contains("a job's name is 1 to 63 characters");
    }

    @Test
    void refusesAnotherVersionAndNoJobs() {
        assertThat(mistakes(VALID.replace("version: 1", "version: 2")))
                .containsExactly("lvs.yaml:1:10: version: expects a whole number that is 1");
        assertThat(mistakes(VALID.replace("version: 1", "")))
                .singleElement()
                .asString()
                .contains("'version' is missing");
        assertThat(mistakes("version: 1\nsinks: {}\njobs: {}\n"))
                .containsExactly("lvs.yaml:3:7: jobs: jobs is empty; define at least one job");
        assertThat(mistakes(VALID + "defaults:\n"))
                .containsExactly("lvs.yaml:10:10: defaults: has no value; give it one or remove the key");
    }

    @Test
    void checksTheBoundsOfCompression() {
        assertThat(mistakes(VALID + "defaults: {compression: {level: 30}}\n"))
                .containsExactly("lvs.yaml:10:33: defaults.compression.level: expects a whole number from 1 to 19");
        assertThat(mistakes(VALID + "defaults: {compression: {type: gzip, level: 12}}\n"))
                .containsExactly(
                        "lvs.yaml:10:45: defaults.compression.level: compression.level must be 1 to 9, was 12");
        assertThat(mistakes(VALID + "defaults: {compression: {type: gzip, longWindow: 27}}\n"))
                .containsExactly(
                        "lvs.yaml:10:50: defaults.compression.longWindow: longWindow has no meaning for type gzip");
        assertThat(mistakes(VALID + "    expect: {maxShrink: 150%}\n"))
                .containsExactly(
                        "lvs.yaml:10:25: jobs.notes.expect.maxShrink: expects a percentage between 0% and 100%,"
                                + " such as 50%");
    }

    @Test
    void warnsOfWhatNoJobUses() throws Exception {
        LoadedConfiguration loaded = load(VALID.replace("sinks:", "  spare: {type: notes, directory: /x}\nsinks:"));

        assertThat(loaded.warnings())
                .extracting(problem -> problem.toString().replace(directory + "/", ""))
                .containsExactly("lvs.yaml:4:3: sources.spare: no job uses this source");
    }

    @Test
    void showsWhatWorksWithoutSecretsAndInterpolatedValues() throws Exception {
        environment.put("WHERE", "/somewhere");
        Map<String, Object> shown = load(VALID.replace("/srv/notes", "\"${WHERE}/x\", token: " + SECRET)
                        + "    confirm: 1MiB\n    source: {type: notes, directory: /y}\n"
                                .replaceFirst("    source.*\n", "")
                        + "defaults: {compression: {level: 9}}\n")
                .shown();

        assertThat(at(shown, "sources", "mine", "directory")).isEqualTo("${WHERE}/x");
        assertThat(at(shown, "sources", "mine", "token")).isEqualTo("***");
        assertThat(at(shown, "sources", "mine", "limit")).isEqualTo(1000);
        assertThat(at(shown, "jobs", "notes", "confirm")).isEqualTo("1MiB");
        assertThat(at(shown, "jobs", "notes", "compression", "level")).isEqualTo(9);
        assertThat(at(shown, "jobs", "notes", "grace")).isEqualTo("48h");
        assertThat(shown.toString()).doesNotContain(SECRET).doesNotContain("/somewhere");
    }

    @Test
    void takesASourceDefinedInPlace() throws Exception {
        Configuration configuration = load(VALID.replace("source: mine", "source: {type: notes, directory: /y}"))
                .configuration();

        assertThat(Objects.requireNonNull(configuration.jobs().get("notes")).source())
                .isInstanceOfSatisfying(
                        SourceRef.Inline.class,
                        inline -> assertThat(inline.source().type()).isEqualTo("notes"));
    }

    @Test
    void bindsRestoreOptionsWithTheSameCare() throws Exception {
        var loader = new ConfigurationLoader(environment, providers, secrets::add);

        assertThat(loader.options(
                        NotesProvider.RestoreOptions.class,
                        Map.of("overwrite", List.of("true"), "only", List.of("a", "b"))))
                .isEqualTo(new NotesProvider.RestoreOptions(true, List.of("a", "b")));
        assertThat(loader.options(NotesProvider.RestoreOptions.class, Map.of("only", List.of("a"))))
                .isEqualTo(new NotesProvider.RestoreOptions(false, List.of("a")));
        assertThatThrownBy(
                        () -> loader.options(NotesProvider.RestoreOptions.class, Map.of("overwrit", List.of("true"))))
                .hasMessage("--set: overwrit: unknown key; did you mean 'overwrite'?");
        assertThatThrownBy(
                        () -> loader.options(NotesProvider.RestoreOptions.class, Map.of("overwrite", List.of("maybe"))))
                .hasMessage("--set: overwrite: expects true or false");
    }

    @Test
    void namesAFileThatIsNotThere() {
        BackupException e = catchThrowableOfType(
                BackupException.class,
                () -> new ConfigurationLoader(environment, providers, secrets::add).load(directory.resolve("no.yaml")));

        assertThat(e.kind()).isEqualTo(Kind.CONFIG);
        assertThat(e).hasMessageContaining("no.yaml").hasMessageContaining("does not exist");
    }

    @Test
    void refusesNestingWithoutEnd() {
        assertThat(mistakes("version: " + "[".repeat(200) + "\n"))
                .singleElement()
                .asString()
                .contains("nested deeper");
    }

    private static Object at(Object shown, String... path) {
        Object value = shown;
        for (String key : path) {
            value = Objects.requireNonNull(((Map<?, ?>) value).get(key), key);
        }
        return value;
    }

    private static String with(String excluded) {
        return VALID.replace("/srv/notes}", "/srv/notes, exclude: [\"" + excluded + "\"]}");
    }

    private String text(String excluded) throws Exception {
        var config = (NotesProvider.Config) Objects.requireNonNull(
                        load(with(excluded)).configuration().sources().get("mine"))
                .require()
                .config();
        return config.exclude().get(0);
    }

    private LoadedConfiguration load(String text) throws Exception {
        return new ConfigurationLoader(environment, providers, secrets::add).load(file(text));
    }

    /** Each mistake as it is printed, the file by its name alone. */
    private List<String> mistakes(String text) {
        InvalidConfigurationException e = catchThrowableOfType(InvalidConfigurationException.class, () -> load(text));
        assertThat(e).as("refusal of\n" + text).isNotNull();
        return e.problems().stream()
                .map(problem -> problem.toString().replace(directory + "/", ""))
                .toList();
    }

    private Path file(String text) throws IOException {
        return Files.write(directory.resolve("lvs.yaml"), text.getBytes(StandardCharsets.UTF_8));
    }
}
