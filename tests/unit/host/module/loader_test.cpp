// Modules with every fault that the loader looks for. One real library (odd_module.cpp) shows a fault at a time.
#include "host/module/loader.hpp"

#include "odd_module.hpp"
#include "printing.hpp"
#include "temporary_folder.hpp"

#include "base/json.hpp"

#include <fstream>

using namespace angod;
using namespace angod::host;

namespace {

/// Returns the text of the error without the name of the file; empty if the module is loaded.
std::string fault(const char *name) {
    const OddModuleFault set(name);
    const auto module = load_module(odd_module());
    if (module) return "";
    CHECK(module.error().code == Code::invalid);
    const std::string prefix = "odd_module.so: ";
    CHECK(module.error().text.starts_with(prefix));
    return module.error().text.substr(prefix.size());
}

} // namespace

TEST_CASE("a sound module is loaded, with defaults for what it does not say") {
    const auto module = load_module(odd_module());
    REQUIRE(module);
    CHECK(module->id == "odd");
    CHECK(module->name == "odd");
    CHECK(module->version == "0");
    CHECK(module->summary == "");
    CHECK(module->kinds == std::vector{PluginKind::input});
    CHECK_FALSE(module->concurrent);
    CHECK(module->input_table != nullptr);
    CHECK(module->export_table == nullptr);
    CHECK(
        descriptor_json(*module) ==
        R"({"id":"odd","name":"odd","version":"0","summary":"","abi":"1.0","kinds":["input"],"concurrent":false,"requires":[{"service":"ango.log","revision":1,"optional":false}]})");
}

TEST_CASE("a descriptor is told as JSON, with further members behind it") {
    const OddModuleFault set("everything");
    const auto module = load_module(odd_module());
    REQUIRE(module);
    CHECK(module->concurrent);
    const std::string text = descriptor_json(*module, R"(,"classes":["a"])");
    REQUIRE(json::check(text));
    CHECK(text.starts_with(R"({"id":"odd","name":"Odd \"one\"","version":"1.2","summary":"Answers","abi":"1.0",)"));
    CHECK(text.ends_with(R"(,"classes":["a"]})"));
    CHECK(text.find(R"("concurrent":true)") != text.npos);
}

TEST_CASE("an entry that fails is an error") {
    CHECK(fault("none") == "the module says that it cannot work with interface 1.0");
    CHECK(fault("entry throws") == "the module's entry threw something that is no std::exception");
}

TEST_CASE("only the major version of the interface must be equal") {
    CHECK(fault("another major version") ==
          "it was built for interface 7.0, this angod has 1.0; build it again with this angod's headers");
    CHECK(fault("later minor version") == "");
}

TEST_CASE("a descriptor must be complete") {
    for (const char *name : {"short", "no destroy", "no list of needs", "short need"})
        CHECK_MESSAGE(fault(name) == "its descriptor is incomplete", name);
    for (const char *name : {"no id", "bad id", "long id"})
        CHECK_MESSAGE(fault(name) == "its id is not made of 1 to 64 of a-z, 0-9 and '-'", name);
}

TEST_CASE("a service that is missing is named, unless the module can do without") {
    CHECK(fault("unknown service") ==
          "it needs services that this angod does not have: ango.telepathy (revision 1); update angod");
    CHECK(fault("later revision") ==
          "it needs services that this angod does not have: ango.log (revision 2; angod has 1); update angod");
    CHECK(fault("unknown optional service") == "");
}

TEST_CASE("the tables of a module must be there and complete") {
    CHECK(fault("no kind") == "it serves no plugin kind that this angod knows (kinds 0x0)");
    CHECK(fault("kind of the future") == "it serves no plugin kind that this angod knows (kinds 0x10000000000)");
    CHECK(fault("no table") == "it says that it serves \"ango.input\" but has no table for it");
    CHECK(fault("later, no table") ==
          "it was built for interface 1.7 and serves \"ango.input\" in a way that this angod, "
          "with 1.0, does not know; update angod");
    CHECK(fault("short table") == "its table for \"ango.input\" is too short");
    CHECK(fault("no function") == "its table for \"ango.input\" has no answer");
    CHECK(fault("table throws") == "the module's table threw something that is no std::exception");
}

TEST_CASE("a library that is no module, and a file that is no library, are refused by name") {
    // The C library is one that is loaded already, so loading it again runs none of its code.
    std::filesystem::path libc;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        if (line.find("/libc.so") != line.npos || line.find("/libc-") != line.npos) libc = line.substr(line.find('/'));
    REQUIRE(!libc.empty());
    const auto other = load_module(libc);
    REQUIRE(!other);
    CHECK(other.error().text ==
          libc.filename().string() + ": it does not export ango_module_entry; is it an angod module?");
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "note.so") << "a text";
    const auto text = load_module(folder.path() / "note.so");
    REQUIRE(!text);
    CHECK(text.error().text == "note.so: it is not a shared library (no ELF header)");
    const auto none = load_module(folder.path() / "none.so");
    REQUIRE(!none);
    CHECK(none.error().text == "none.so: No such file or directory");
}
