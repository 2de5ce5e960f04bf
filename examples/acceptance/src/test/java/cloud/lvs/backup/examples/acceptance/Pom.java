package cloud.lvs.backup.examples.acceptance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * A POM, as it is written.
 *
 * @param file the POM
 * @param project its root
 */
record Pom(Path file, Element project) {
    /** The POM of a module, named by its folder relative to the checkout. */
    static Pom of(String folder) throws Exception {
        return read(Checkout.root().resolve(folder).resolve("pom.xml").normalize());
    }

    private static Pom read(Path file) throws Exception {
        return new Pom(
                file,
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(file.toFile())
                        .getDocumentElement());
    }

    /** It and every module below it. */
    List<Pom> withModules() throws Exception {
        List<Pom> all = new ArrayList<>(List.of(this));
        for (Element module : elements(project, "modules", "module")) {
            all.addAll(read(file.resolveSibling(module.getTextContent()).resolve("pom.xml"))
                    .withModules());
        }
        return all;
    }

    Optional<String> text(String name) {
        return text(project, name);
    }

    static Optional<String> text(Element parent, String name) {
        return elements(parent, name)
                .findFirst()
                .map(element -> element.getTextContent().strip());
    }

    /** What lies at a path of names below the project. */
    List<Element> elements(String... path) {
        return elements(project, path[0], List.of(path).subList(1, path.length).toArray(String[]::new));
    }

    private static List<Element> elements(Element parent, String first, String... rest) {
        List<Element> found = elements(parent, first).toList();
        for (String name : rest) {
            found = found.stream().flatMap(each -> elements(each, name)).toList();
        }
        return found;
    }

    private static Stream<Element> elements(Element parent, String name) {
        return Stream.iterate(parent.getFirstChild(), node -> node != null, Node::getNextSibling)
                .filter(node ->
                        node instanceof Element element && element.getTagName().equals(name))
                .map(Element.class::cast);
    }

    /** What its build makes, e.g. {@code .jar} or {@code -sources.jar}. */
    Path built(String ending) {
        return file.resolveSibling("target")
                .resolve(text("artifactId").orElseThrow() + "-" + Checkout.version() + ending);
    }
}
