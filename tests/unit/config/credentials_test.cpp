#include "config/credentials.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace angod::config;

namespace {

const std::string kId = "3f21726c37f8fe5e3690ced2", kSecret = "0e106010-b57b-4671-b12e-bec7a2bbbff0";
using Lines = std::vector<std::string>;

CredentialFindings check(const std::string &id, const std::string &secret) {
    Plugin plugin;
    plugin.name = "coco";
    plugin.id = id;
    plugin.secret = secret;
    return check_credentials(plugin);
}

} // namespace

TEST_CASE("an id and a secret of Hub are right") {
    CHECK(check(kId, kSecret).problems.empty());
    CHECK(check(kId, kSecret).doubts.empty());
}

TEST_CASE("a placeholder is a problem, however it is written") {
    for (const char *text : {"changeme", "Change-Me", "<your-secret>", "SECRET", "xxxxxxxx", "TODO", "${SECRET}"})
        CHECK(check(kId, text).problems ==
              Lines{"plugin coco: the secret is a placeholder; enter the one that Hub shows for the plugin"});
    CHECK(check("ID", kSecret).problems ==
          Lines{"plugin coco: the id is a placeholder; enter the one that Hub shows for the plugin"});
}

TEST_CASE("blanks and characters that no id has are problems") {
    for (const std::string inner : {"a\nb", "a b", "a\xc3\xa4"})
        CHECK(check(kId, inner).problems ==
              Lines{"plugin coco: the secret has a character that is no letter, digit or sign of "
                    "ASCII; copy it from the plugin's page in Hub again"});
}

TEST_CASE("equal id and secret are a problem") {
    CHECK(check(kId, kId).problems ==
          Lines{"plugin coco: the id and the secret are equal; Hub shows both on the plugin's page"});
}

TEST_CASE("another length or form is a doubt, and the secret is never shown") {
    const auto found = check("i", "very-secret");
    CHECK(found.problems.empty());
    CHECK(found.doubts == Lines{"plugin coco: the id has 1 character and another form than those of Hub, which have 24 "
                                "hexadecimal digits; copy "
                                "it from the plugin's page in Hub again if the plugin does not become green",
                                "plugin coco: the secret has 11 characters and another form than those of Hub, which "
                                "have 36 characters, such "
                                "as 00000000-0000-0000-0000-000000000000; copy it from the plugin's page in Hub again "
                                "if the plugin does not "
                                "become green"});
}
