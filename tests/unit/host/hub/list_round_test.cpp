#include "host/hub/list_round.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace angod::host;

namespace {

bool page(ListRound &round, std::initializer_list<const char *> ids, std::optional<std::uint64_t> total) {
    for (const char *id : ids) round.entry(id);
    return round.page_ends(total);
}

} // namespace

TEST_CASE("a list ends when as many entries were there as it counts, however short its pages are") {
    ListRound round;
    CHECK_FALSE(page(round, {"a", "b"}, 5));
    CHECK_FALSE(page(round, {"c"}, 5));
    CHECK_FALSE(round.complete());
    CHECK(page(round, {"d", "e"}, 5));
    CHECK(round.complete());
    ListRound empty;
    CHECK(page(empty, {}, 0));
    CHECK(empty.complete());
}

TEST_CASE("a list without a total ends with a page that has nothing new") {
    ListRound round;
    CHECK_FALSE(page(round, {"a", "b"}, {}));
    CHECK_FALSE(page(round, {"c"}, {}));
    CHECK(page(round, {}, {}));
    CHECK(round.complete());
    ListRound endless;
    CHECK_FALSE(page(endless, {"a", "b"}, {}));
    CHECK(page(endless, {"a", "b"}, {}));
}

TEST_CASE("a list that ends before its total is not complete") {
    ListRound round;
    CHECK_FALSE(page(round, {"a", "b"}, 5));
    CHECK(page(round, {}, 5));
    CHECK_FALSE(round.complete());
    ListRound without_pages;
    CHECK_FALSE(page(without_pages, {"a", "b"}, 5));
    CHECK(page(without_pages, {"a", "b"}, 5));
    CHECK_FALSE(without_pages.complete());
}

TEST_CASE("after a deletion an entry may have been missed, after an addition only a new one") {
    ListRound deleted; // a b c d: a is deleted, and c moves to the first page
    CHECK_FALSE(page(deleted, {"a", "b"}, 4));
    CHECK(page(deleted, {"d"}, 3));
    CHECK(deleted.shrunk());
    CHECK_FALSE(deleted.complete());
    ListRound added; // a b c: n comes in front of them
    CHECK_FALSE(page(added, {"a", "b"}, 3));
    CHECK(page(added, {"b", "c"}, 4));
    CHECK_FALSE(added.shrunk());
    CHECK(added.complete());
    ListRound both; // a b c d: a is deleted behind the first page, and n comes in front
    CHECK_FALSE(page(both, {"a", "b"}, 4));
    CHECK(page(both, {"c", "d"}, 4));
    CHECK(both.complete());
    ListRound missed; // a b c d e: b is deleted, and then n comes in front, behind a page that shows neither
    CHECK_FALSE(page(missed, {"a", "b"}, 5));
    CHECK_FALSE(page(missed, {"b", "c"}, 6));
    CHECK_FALSE(page(missed, {"e"}, 6));
    CHECK(page(missed, {}, 6));
    CHECK_FALSE(missed.complete());
}

TEST_CASE("entries without an id count, and an entry that is met again is not new") {
    ListRound round;
    CHECK(round.entry(""));
    CHECK(round.entry(""));
    CHECK(round.entry("a"));
    CHECK_FALSE(round.entry("a"));
    CHECK(round.page_ends(3));
    CHECK(round.complete());
}
