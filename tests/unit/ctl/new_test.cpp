#include "ctl/new.hpp"

#include "ctl/exit_codes.hpp"
#include "host_protocol/kind.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace angod;
using namespace angod::ctl;

namespace {

std::string text_of(const std::filesystem::path &path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("every kind gets a folder in which no word of the templates is left") {
    const TemporaryFolder folder;
    for (const PluginKind kind : kAllKinds) {
        const std::string name = "my-" + std::string(name_of(kind));
        REQUIRE(new_module(std::string(name_of(kind)), name, folder.path(), "/opt/angod") == 0);
        CHECK(std::filesystem::exists(folder.path() / name / (name + ".cpp")));
        for (const auto &entry : std::filesystem::recursive_directory_iterator(folder.path() / name)) {
            if (!entry.is_regular_file()) continue;
            const std::string text = text_of(entry.path());
            for (const char *word : {"module-id", "ModuleClass", "@FIND@", "@RUN@", "@KIND@"})
                CHECK_MESSAGE(text.find(word) == std::string::npos, entry.path().string(), " holds ", word);
        }
    }
}

TEST_CASE("names that make no module are refused, and make no folder") {
    const TemporaryFolder folder;
    const std::string long_name(65, 'a');
    for (const std::string &name : {std::string(), std::string("-a"), std::string("A"), std::string("a/b"),
                                    std::string("all"), std::string("install"), long_name})
        CHECK(new_module("input", name, folder.path(), "/usr") == kUsage);
    CHECK(new_module("picture", "a", folder.path(), "/usr") == kUsage);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a folder that is there already is left as it is") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "a");
    CHECK(new_module("input", "a", folder.path(), "/usr") == kFailure);
    CHECK(std::filesystem::is_empty(folder.path() / "a"));
}
