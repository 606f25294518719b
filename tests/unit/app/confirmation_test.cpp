#include "app/confirmation.hpp"

#include "run_coroutine.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::app;

namespace {

struct World {
    TemporaryFolder folder;
    asio::io_context context;
    std::unique_ptr<jobs::Store> store =
        jobs::Store::open(folder.path() / "state", false, context.get_executor()).value();

    /// Whether it is known after a start of angod.
    bool known(const std::string &id, const std::string &secret) {
        Confirmation confirmation(context.get_executor(), *store, id, secret, Log());
        run_coroutine(context, confirmation.load());
        return confirmation.confirmed();
    }
};

} // namespace

TEST_CASE("a confirmation holds for one id and secret, and survives a restart") {
    World w;
    CHECK_FALSE(w.known("id", "secret"));
    Confirmation confirmation(w.context.get_executor(), *w.store, "id", "secret", Log());
    CHECK_FALSE(confirmation.confirmed());
    confirmation.seen();
    confirmation.seen();
    CHECK(confirmation.confirmed());
    CHECK(w.known("id", "secret")); // the store takes requests in order
    CHECK_FALSE(w.known("id", "another"));
    CHECK_FALSE(w.known("another", "secret"));
    CHECK_FALSE(w.known("i", "d\nsecret"));
}
