package cloud.lvs.backup.provider.longhorn.controller.api;

/** What the API server demands of a changed claim. */
final class ClaimRules {
    private ClaimRules() {}

    static void check(Review review, Problems problems) {
        review.before().ifPresent(before -> {
            long asked = Quantities.bytes(review.spec().at("/resources/requests/storage"));
            long capacity = Quantities.bytes(before.at("/status/capacity/storage"));
            long was = Quantities.bytes(before.at("/spec/resources/requests/storage"));
            if (asked < was && asked < capacity) {
                problems.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
            }
        });
    }
}
