package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.yaml.Problem;
import java.util.List;
import java.util.Map;

/**
 * A configuration that was read without a mistake.
 *
 * @param configuration what it says
 * @param warnings what to look at
 * @param shown the same with defaults filled in, interpolations as written and secrets masked: maps, lists, texts, numbers
 */
public record LoadedConfiguration(Configuration configuration, List<Problem> warnings, Map<String, Object> shown) {}
