package cloud.lvs.backup.provider.longhorn.controller.api;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is wrong with one object, in the words of the API server. */
final class Problems {
    private final List<Problem> found = new ArrayList<>();

    private record Problem(String reason, String field, String text) {}

    void invalid(String field, String text) {
        found.add(new Problem("FieldValueInvalid", field, "Invalid value: " + text));
    }

    void wrongType(String field, String text) {
        found.add(new Problem("FieldValueTypeInvalid", field, "Invalid value: " + text));
    }

    void unsupported(String field, String text) {
        found.add(new Problem("FieldValueNotSupported", field, "Unsupported value: " + text));
    }

    void forbidden(String field, String text) {
        found.add(new Problem("FieldValueForbidden", field, "Forbidden: " + text));
    }

    void required(String field) {
        found.add(new Problem("FieldValueRequired", field, "Required value"));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Refuses the object when anything is wrong. */
    void refuse(ResourceType type, String name) {
        if (found.isEmpty()) {
            return;
        }
        Set<String> texts = new LinkedHashSet<>();
        found.forEach(problem -> texts.add(problem.field() + ": " + problem.text()));
        String all = texts.size() == 1 ? texts.iterator().next() : "[" + String.join(", ", texts) + "]";
        Refusal refusal = new Refusal(422, "Invalid", type.qualifiedKind() + " \"" + name + "\" is invalid: " + all)
                .aboutKind(type, name);
        found.forEach(problem -> refusal.because(problem.reason(), problem.text(), Optional.of(problem.field())));
        throw refusal;
    }
}
