package cloud.lvs.backup.provider.longhorn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the scripted webhooks answer, against what Longhorn's own answered to the same requests: the HTTP code, the message
 * with its details, and the object that was stored. Each case starts in the recording's world.
 */
@Tag("today")
class AnswersTest {
    private static final List<JsonNode> LINES = Exchange.recorded();

    /** Cases that are not imitated, each with the reason. One that comes to be must leave this list. */
    private static final Map<String, String> NOT_IMITATED = Map.of(
            "backup-create-snapshot-brand-new", "25 tries told in a note: no request was recorded",
            "backup-status-subresource-wrong-state", "the recording carried a status over from the case before",
            "pv-pvc-bind", "the objects hold the times, versions and uids of the recording",
            "webhook-down", "step 5 shows an annotation that an earlier case had left");

    /** How many cases a release has in the recording. */
    private static final Map<String, Integer> CASES = Map.of(
            "1.12.1", 437, "1.11.3", 423, "1.10.2", 423, "1.9.2", 415, "1.8.2", 413, "1.7.3", 327, "1.6.4", 327,
            "1.5.5", 327);

    @ParameterizedTest
    @ValueSource(strings = {"1.12.1", "1.11.3", "1.10.2", "1.9.2", "1.8.2", "1.7.3", "1.6.4", "1.5.5"})
    void answersAsLonghornDid(String version) {
        Map<String, List<Exchange>> cases = cases(version);
        List<String> different = new ArrayList<>();
        List<String> imitatedAfterAll = new ArrayList<>();
        try (Replay replay = new Replay(version)) {
            replay.world(LINES);
            cases.forEach((name, steps) -> {
                List<String> differences = replay.differences(steps);
                if (!NOT_IMITATED.containsKey(name)) {
                    different.addAll(differences);
                } else if (differences.isEmpty()) {
                    imitatedAfterAll.add(name);
                }
            });
        }
        assertThat(different).isEmpty();
        assertThat(imitatedAfterAll).as("cases that are listed as not imitated").isEmpty();
        assertThat(cases).hasSize(CASES.getOrDefault(version, 0));
    }

    @Test
    void listsOnlyCasesOfTheRecording() {
        assertThat(cases("1.12.1").keySet()).containsAll(new TreeSet<>(NOT_IMITATED.keySet()));
    }

    private static Map<String, List<Exchange>> cases(String version) {
        Map<String, List<Exchange>> cases = new LinkedHashMap<>();
        for (JsonNode line : LINES) {
            Exchange.of(line, version)
                    .filter(exchange -> !exchange.name().equals("world"))
                    .ifPresent(exchange -> cases.computeIfAbsent(exchange.name(), name -> new ArrayList<>())
                            .add(exchange));
        }
        return cases;
    }
}
