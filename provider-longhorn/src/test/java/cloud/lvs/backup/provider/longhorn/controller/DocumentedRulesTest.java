package cloud.lvs.backup.provider.longhorn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The table of rules in the documents names each test of a rule, and nothing else. */
class DocumentedRulesTest {
    private static final Pattern TEST = Pattern.compile("\\| `(\\w+)` \\|$", Pattern.MULTILINE);

    @Test
    void eachRuleHasItsTestAndEachTestItsRule() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "longhorn-controller.md"));
        TreeSet<String> documented =
                TEST.matcher(page).results().map(row -> row.group(1)).collect(Collectors.toCollection(TreeSet::new));

        assertThat(documented)
                .isEqualTo(Stream.of(AdmissionRulesTest.class, ControllerRulesTest.class)
                        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                        .filter(method -> method.isAnnotationPresent(Test.class)
                                || method.isAnnotationPresent(ParameterizedTest.class))
                        .map(Method::getName)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }
}
