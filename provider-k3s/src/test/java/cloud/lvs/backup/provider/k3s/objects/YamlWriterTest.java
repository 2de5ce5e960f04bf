package cloud.lvs.backup.provider.k3s.objects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class YamlWriterTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "N",
                "n",
                "y",
                "Yes",
                "on",
                "OFF",
                "true",
                "null",
                "~",
                "",
                " ",
                "010",
                "0x1f",
                "1e3",
                "1:30",
                "1_000",
                "-",
                "- a",
                ".inf",
                ".nan",
                "2026-11-30",
                "=",
                "<<",
                "*a",
                "&a",
                "!a",
                "%a",
                "@a",
                "`a",
                "#a",
                "a #b",
                "a: b",
                "a:",
                ":a",
                "{a}",
                "[a]",
                "'a'",
                "\"a\"",
                "a\\b",
                "|",
                ">",
                "?",
                "---",
                "...",
                "+1",
                "-.5",
                "a ",
                " a",
                "é",
                "😀",
                "10Gi",
                "null\n"
            })
    void keepsATextThatParsersTakeForSomethingElse(String text) throws Exception {
        assertThat(yaml(JsonNodeFactory.instance.objectNode().put("key", text).toString()))
                .matches("(?s)key: [\"|].*");
        assertRoundTrip(JsonNodeFactory.instance.objectNode().put(text, text));
        assertRoundTrip(JsonNodeFactory.instance.objectNode().put("key", text));
    }

    @Test
    void writesLinesAsABlockWhereNoneOfThemWouldChange() throws Exception {
        assertThat(
                        yaml(
                                "{'data':{'a':'one\\ntwo\\n','b':'one\\n\\n','c':'one\\n  two','d':'one \\ntwo','e':'a\\r\\nb','f':'\\na'}}"))
                .isEqualTo("""
                        data:
                          a: |
                            one
                            two
                          b: |+
                            one

                          c: |-
                            one
                              two
                          d: "one \\ntwo"
                          e: "a\\r\\nb"
                          f: "\\na"
                        """);
    }

    @Test
    void writesAsKubectlDoes() throws Exception {
        assertThat(yaml(
                        "{'spec':{'ports':[{'port':80,'name':'http','x':[1,'2']},{'port':443}],'none':[],'empty':{},'nothing':null,"
                                + "'image':'nginx:1.27','big':9007199254740993,'nested':[[1,['a']],[]]}}"))
                .isEqualTo("""
                        spec:
                          ports:
                          - port: 80
                            name: http
                            x:
                            - 1
                            - "2"
                          - port: 443
                          none: []
                          empty: {}
                          nothing: null
                          image: nginx:1.27
                          big: 9007199254740993
                          nested:
                          - - 1
                            - - a
                          - []
                        """);
    }

    @Test
    void isReadBackWhateverIsWritten() throws Exception {
        Random random = new Random(15);
        for (int i = 0; i < 2000; i++) {
            assertRoundTrip((ObjectNode) tree(random, 0, true));
        }
    }

    private static JsonNode tree(Random random, int depth, boolean object) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        int kind = object ? 0 : random.nextInt(depth > 4 ? 4 : 7);
        switch (kind) {
            case 1 -> {
                return nodes.numberNode(random.nextLong());
            }
            case 2 -> {
                return nodes.booleanNode(random.nextBoolean());
            }
            case 3 -> {
                return nodes.nullNode();
            }
            case 4 -> {
                ArrayNode list = nodes.arrayNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(tree(random, depth + 1, false));
                }
                return list;
            }
            case 0, 5 -> {
                if (!object && depth > 4) {
                    return nodes.textNode(text(random));
                }
                ObjectNode fields = nodes.objectNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    fields.set(text(random), tree(random, depth + 1, false));
                }
                return fields;
            }
            default -> {
                return nodes.textNode(text(random));
            }
        }
    }

    private static String text(Random random) {
        List<String> pieces = List.of(
                "a", "N", "1", ":", " ", "\n", "\t", "#", "- ", "'", "\"", "\\", "é", "😀", "\u0085", "\u2028", "\r",
                "~", "\u0000", "\ufeff", "key", ".", "|", "%");
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(pieces.get(random.nextInt(pieces.size())));
        }
        return text.toString();
    }

    private static void assertRoundTrip(ObjectNode object) throws IOException {
        String yaml = yaml(object.toString());
        assertThat(yaml).as("aliases, which few expect").doesNotContain("&id");
        Object read = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        assertThat(new ObjectMapper().readTree(new ObjectMapper().writeValueAsString(read)))
                .as(yaml)
                .isEqualTo(new ObjectMapper().readTree(object.toString()));
    }

    /** Of JSON in which {@code '} may stand for a quote. */
    private static String yaml(String json) throws IOException {
        return new YamlWriter()
                .document(new ObjectMapper().readTree(json.startsWith("{'") ? json.replace('\'', '"') : json));
    }
}
