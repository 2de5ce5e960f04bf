package cloud.lvs.backup.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Shard;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalNameTest {
    @Test
    void everyNameIsReadAsItIsWritten() {
        List<JournalName> names = new ArrayList<>(List.of(JournalName.Plain.values()));
        names.add(new JournalName.Intent(1));
        names.add(new JournalName.Intent(123_456));
        names.add(new JournalName.Abandoned("k7f3q2xw"));
        for (Outcome outcome : Outcome.values()) {
            names.add(new JournalName.Committed(outcome, null));
            names.add(new JournalName.Committed(outcome, new Shard("g1", 2, 8)));
        }
        for (Level level : Level.values()) {
            names.add(new JournalName.Verified(level));
        }

        assertThat(names)
                .allSatisfy(name -> assertThat(JournalName.parse(name.text())).contains(name));
        assertThat(names).extracting(JournalName::text).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "begun",
                "begun.json.tmp",
                "committed.json",
                "committed-ok.json",
                "committed-FINE.json",
                "committed-OK-g-9of8.json",
                "committed-OK-g-0of8.json",
                "intent-.json",
                "intent-1.txt",
                "intent-9999999999999.json",
                "abandoned-.json",
                "abandoned-UPPER.json",
                "verified-deep.json",
                "notes.txt"
            })
    void whateverElseLiesThereIsNotOurs(String name) {
        assertThat(JournalName.parse(name)).isEmpty();
    }
}
