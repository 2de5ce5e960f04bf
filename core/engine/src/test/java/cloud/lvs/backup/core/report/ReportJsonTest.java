package cloud.lvs.backup.core.report;

import static cloud.lvs.backup.core.report.Reports.ID;
import static cloud.lvs.backup.core.report.Reports.old;
import static cloud.lvs.backup.core.report.Reports.partialRun;
import static cloud.lvs.backup.core.report.Reports.planned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    void aRunIsTheDocumentThatProgramsRelyOn() throws Exception {
        JsonNode json = MAPPER.readTree(ReportJson.of(partialRun()).toString());

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "job",
                        "id",
                        "outcome",
                        "startedAt",
                        "finishedAt",
                        "inventory",
                        "items",
                        "artifacts",
                        "stageSeconds",
                        "warnings",
                        "failures",
                        "retention",
                        "copies",
                        "copyRetention");
        assertThat(json.get("id").asText()).isEqualTo(ID.toString());
        assertThat(json.get("startedAt").asText()).isEqualTo("2026-11-22T03:00:00Z");
        assertThat(json.at("/inventory/1/sizeBytes").isNull()).isTrue();
        assertThat(json.at("/items/1/reason").asText()).isEqualTo("permission denied");
        assertThat(json.at("/artifacts/0/storedBytes").isIntegralNumber()).isTrue();
        assertThat(json.at("/failures/0/kind").asText()).isEqualTo("SOURCE");
        assertThat(json.at("/retention/plan/delete/0").asText()).isEqualTo(old().toString());
        assertThat(json.at("/retention/done").isNull()).isTrue();
    }

    @Test
    void theStagesAreInTheOrderTheyWereGoneThrough() throws Exception {
        JsonNode stages =
                MAPPER.readTree(ReportJson.of(partialRun()).toString()).get("stageSeconds");

        assertThat(stages.fieldNames())
                .toIterable()
                .containsExactly("begin", "lock", "catalog", "preflight", "capture", "commit", "retain");
        assertThat(stages.get("lock").asDouble()).isEqualTo(0.25);
    }

    @Test
    void aReportKeepsTheStagesThatItWasGiven() {
        Map<String, Duration> stages = new LinkedHashMap<>(Map.of("begin", Duration.ZERO));
        RunReport report =
                RunReport.of("pg", Mode.EXECUTE, Reports.BEGAN).stages(stages).finishedAt(Reports.BEGAN);

        stages.put("lock", Duration.ZERO);

        assertThat(report.stages()).containsOnlyKeys("begin");
        assertThatThrownBy(() -> report.stages().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void masksTheSecretsThatItIsTold() throws Exception {
        var secrets = new Redactions();
        secrets.add("s3cret \"word\"");
        JsonObject json = ReportJson.of(partialRun());

        assertThat(MAPPER.readTree(json.toString(secrets)).at("/warnings/0").asText())
                .isEqualTo("role app logs in with ***");
        assertThat(secrets.mask(json.toString())).isEqualTo(json.toString(secrets));
        assertThat(MAPPER.readTree(json.toString()).at("/warnings/0").asText())
                .isEqualTo("role app logs in with s3cret \"word\"");
    }

    @Test
    void itsMembersAreForAnyJsonLibrary() throws Exception {
        JsonObject json = ReportJson.of(planned(), Map.of(old(), List.of("2026/11/old.dump.zst")));

        assertThat(MAPPER.readTree(MAPPER.writeValueAsBytes(json.asMap()))).isEqualTo(MAPPER.readTree(json.toString()));
        assertThat(json.asMap().get("plan"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("keys", Map.of(old().toString(), List.of("2026/11/old.dump.zst")));
        assertThatThrownBy(() -> json.asMap().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void whatStaysHasTheOrderInWhichItWasMet() {
        Map<String, String> leftovers = new LinkedHashMap<>();
        for (int n = 9; n > 0; n--) {
            leftovers.put("2026/11/" + n + ".zst", "refused");
        }

        PruneReport report = PruneReport.of("pg", "main", Mode.EXECUTE)
                .leftovers(leftovers)
                .locked(leftovers)
                .unreadable(leftovers)
                .freedBytes(0);

        assertThat(report.leftovers().keySet()).containsExactlyElementsOf(leftovers.keySet());
        assertThat(report.locked().keySet()).containsExactlyElementsOf(leftovers.keySet());
        assertThat(report.unreadable().keySet()).containsExactlyElementsOf(leftovers.keySet());
    }

    @Test
    void aRestoreNamesWhatOfItsItemsIsMissing() throws Exception {
        RestoreReport report = new RestoreReport(
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(new Omission("shop", "index public.u", "it is not unique", "CREATE UNIQUE INDEX u ON t (u);")));

        JsonNode json = MAPPER.readTree(ReportJson.of(report).toString());

        assertThat(json.at("/omissions/0"))
                .isEqualTo(MAPPER.readTree("{\"item\": \"shop\", \"object\": \"index public.u\", \"reason\":"
                        + " \"it is not unique\", \"statement\": \"CREATE UNIQUE INDEX u ON t (u);\"}"));
    }
}
