package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sources of all modules do not depend on the day, the zone or the load of the machine that the tests run on. */
class TestSourcesTest {
    private static final Pattern MACHINE_TIME = Pattern.compile(
            "\\b(Instant|(Local|Zoned|Offset)(Date)?(Time)?|Year|YearMonth|MonthDay)\\.now\\(|\\bClock\\.(system|tick)\\w*\\("
                    + "|\\bcurrentTimeMillis\\(|\\bnew Date\\(\\)|\\bCalendar\\.getInstance\\(");
    private static final Pattern MACHINE_ZONE =
            Pattern.compile("\\bZoneId\\.systemDefault\\(|\\bTimeZone\\.getDefault\\(|\\bClock\\.systemDefaultZone\\(");

    /** Put it back. */
    private static final Set<String> SET_THE_ZONE = Set.of(
            "provider-postgres/src/test/java/cloud/lvs/backup/provider/postgres/capture/SourcePreflightTest.java",
            "runner/src/test/java/cloud/lvs/backup/runner/JavaRuntimeTest.java");

    /** Where a process begins, the one place of the tests, and what looks at the age of files. */
    private static final Set<String> READ_THE_CLOCK = Set.of(
            "core/engine/src/main/java/cloud/lvs/backup/core/files/OwnedDirectory.java",
            "core/contract/src/main/java/cloud/lvs/backup/contract/TestTime.java",
            "runner/src/main/java/cloud/lvs/backup/runner/Main.java",
            "runner/src/main/java/cloud/lvs/backup/runner/Training.java",
            "examples/embedding/src/main/java/cloud/lvs/backup/examples/embedding/Embedding.java",
            "examples/benchmark/src/main/java/cloud/lvs/backup/examples/benchmark/fixture/SinkUpload.java");

    private static final Pattern TODAY =
            Pattern.compile("\\bTestTime\\.(now|clock)\\(|\\bTestTime::(now|clock)\\b|\\bTestClock\\.today\\(");
    private static final Pattern TAG = Pattern.compile("^@Tag\\(\"today\"\\)$", Pattern.MULTILINE);
    private static final Pattern PARENT = Pattern.compile("\\bclass \\w+ extends (\\w+)");
    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);

    /** Meet the times of files in a directory. */
    private static final Set<String> BOUND_TO_THE_MACHINE =
            Set.of("core/engine/src/test/java/cloud/lvs/backup/core/protocol/CrashTest.java");

    private static final Pattern WAIT = Pattern.compile(
            "@Timeout\\((?<timeout>\\d+)\\)|\\.(waitFor|get|await|join|tryAcquire|awaitTermination|poll)"
                    + "\\((\\w+, )?(?<seconds>\\d+), (TimeUnit\\.)?SECONDS\\)"
                    + "|\\.(waitFor|get|await|awaitTermination|poll)\\(\\d+, (TimeUnit\\.)?(?<short>MILLI|MICRO|NANO)SECONDS\\)"
                    + "|\\bassertTimeout\\w*\\(Duration\\.of(Seconds|Millis)");
    private static final int LONG_ENOUGH = 60;

    /** Fixtures that run command lines at the machine's time, by which keys of payload are named. */
    private static final Pattern COMMAND_LINES = Pattern.compile("\\b(Terminal|Program)\\b");

    private static final Pattern PRESENT_MONTH = Pattern.compile("\"[^\"\n]*\\b20[2-9]\\d/[01]\\d\\b");

    private static final Map<String, String> SOURCES = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        Path root = Checkout.root();
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path file :
                    (Iterable<Path>) walk.filter(path -> path.toString().endsWith(".java"))::iterator) {
                String name = root.relativize(file).toString();
                if (name.contains("src/") && !name.contains("target/") && !name.endsWith("/TestSourcesTest.java")) {
                    SOURCES.put(name, Files.readString(file));
                }
            }
        }
    }

    private static Stream<Entry<String, String>> tests() {
        return SOURCES.entrySet().stream().filter(source -> source.getKey().contains("src/test/"));
    }

    @Test
    void readTheClockOfTheMachineWhereAProcessBegins() {
        assertThat(SOURCES).hasSizeGreaterThan(300).containsKeys(READ_THE_CLOCK.toArray(String[]::new));
        assertThat(SOURCES.entrySet().stream()
                        .filter(source ->
                                MACHINE_TIME.matcher(source.getValue()).find())
                        .map(Entry::getKey))
                .as("take a Clock, or in a test TestTime or TestClock of the contract kit")
                .isSubsetOf(READ_THE_CLOCK);
    }

    @Test
    void knowNoZoneOfTheMachine() {
        assertThat(SOURCES.entrySet().stream()
                        .filter(source ->
                                MACHINE_ZONE.matcher(source.getValue()).find())
                        .map(Entry::getKey))
                .isSubsetOf(SET_THE_ZONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Instant.now()",
                "LocalDate.now(",
                "LocalDateTime.now(ZoneOffset.UTC)",
                "ZonedDateTime.now()",
                "Clock.systemUTC()",
                "System.currentTimeMillis()",
                "new Date()"
            })
    void wouldFindAReader(String reader) {
        assertThat(MACHINE_TIME.matcher(reader).find()).isTrue();
    }

    @Test
    void whatIsAboutTodayRunsOnOtherDaysToo() {
        Set<String> today = new HashSet<>();
        Map<String, Pattern> fixtures = new HashMap<>();
        boolean grows = true;
        while (grows) {
            grows = tests()
                            .filter(source -> !today.contains(source.getKey()))
                            .filter(source -> !source.getKey().matches(".*/contract/Test(Time|Clock)\\.java"))
                            .filter(source -> TODAY.matcher(source.getValue()).find() || uses(source, fixtures))
                            .toList()
                            .stream()
                            .filter(source -> add(source, today, fixtures))
                            .count()
                    > 0;
        }

        assertThat(today).hasSizeGreaterThan(20);
        assertThat(today.stream()
                        .filter(name -> name.endsWith("Test.java"))
                        .filter(name -> !BOUND_TO_THE_MACHINE.contains(name))
                        .filter(name -> !isTagged(name)))
                .as("bear @Tag(\"today\"), by which ./build it runs them under other dates")
                .isEmpty();
    }

    private static boolean add(Entry<String, String> source, Set<String> today, Map<String, Pattern> fixtures) {
        String type = type(source.getKey());
        if (!type.endsWith("Test") && !type.equals("package-info")) {
            fixtures.put(packageOf(source.getValue()) + "." + type, Pattern.compile("\\b" + type + "\\b"));
        }
        return today.add(source.getKey());
    }

    private static boolean uses(Entry<String, String> source, Map<String, Pattern> fixtures) {
        String text = source.getValue();
        return fixtures.entrySet().stream()
                .anyMatch(fixture -> fixture.getValue().matcher(text).find()
                        && (text.contains("import " + fixture.getKey())
                                || fixture.getKey().startsWith(packageOf(text) + ".")
                                        && fixture.getKey().lastIndexOf('.')
                                                == packageOf(text).length()));
    }

    /** Itself, or what its tests extend. */
    private static boolean isTagged(String name) {
        String text = SOURCES.getOrDefault(name, "");
        return TAG.matcher(text).find()
                || PARENT.matcher(text)
                        .results()
                        .map(parent -> parent.group(1))
                        .anyMatch(TestSourcesTest::isTaggedType);
    }

    private static boolean isTaggedType(String type) {
        return tests().filter(source -> type(source.getKey()).equals(type))
                .anyMatch(source -> TAG.matcher(source.getValue()).find());
    }

    private static String type(String name) {
        return name.substring(name.lastIndexOf('/') + 1).replace(".java", "");
    }

    private static String packageOf(String text) {
        Matcher matcher = PACKAGE.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    @Test
    void nameNoMonthWhereCommandLinesRun() {
        List<String> dated = tests().filter(
                        source -> COMMAND_LINES.matcher(source.getValue()).find())
                .flatMap(source -> PRESENT_MONTH
                        .matcher(source.getValue())
                        .results()
                        .map(match -> source.getKey() + ": " + match.group()))
                .toList();

        assertThat(dated).as("are wrong from next month on").isEmpty();
        assertThat(PRESENT_MONTH.matcher("\"\\nwould delete 2026/11/\"").find()).isTrue();
    }

    @Test
    void waitLongEnoughForABusyMachine() {
        List<String> hasty = tests().flatMap(source -> WAIT.matcher(source.getValue())
                        .results()
                        .filter(match -> isHasty(match.group()))
                        .map(match -> source.getKey() + ": " + match.group()))
                .toList();

        assertThat(hasty).as("what never comes may take a minute to say so").isEmpty();
    }

    private static boolean isHasty(String wait) {
        Matcher matcher = WAIT.matcher(wait);
        if (!matcher.find() || matcher.group("short") != null) {
            return true;
        }
        String seconds = matcher.group("timeout") == null ? matcher.group("seconds") : matcher.group("timeout");
        return seconds == null || Integer.parseInt(seconds) < LONG_ENOUGH;
    }
}
