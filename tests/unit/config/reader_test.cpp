#include "config/reader.hpp"

#include <doctest/doctest.h>

using namespace angod::config;

namespace {

struct Read {
    explicit Read(std::string_view text) : file(File::parse("f.json", text, problems)) {}
    Section root() { return {*file, "", &file->root(), problems}; }
    Problems problems;
    std::optional<File> file;
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("an absent key leaves the target as it is") {
    Read read("{}");
    Section root = read.root();
    std::string text = "kept";
    std::int64_t number = 7;
    bool flag = true;
    root.text("text", text);
    root.choice("choice", text, {"a"});
    root.integer("number", number, 0, 1);
    root.flag("flag", flag);
    root.section("section").text("text", text);
    CHECK(root.sections("sections").empty());
    root.finish();
    CHECK(text == "kept");
    CHECK(number == 7);
    CHECK(flag);
    CHECK(read.problems.errors.empty());
}

TEST_CASE("a wrong type or value is reported with file, line and key, and changes nothing") {
    Read read(
        "{\n\"text\": 1,\n\"number\": 11, \"flag\": 0,\n\"choice\": \"x\", \"texts\": [1],\n\"map\": {\"a\": 1},\n"
        "\"object\": [], \"section\": 1, \"sections\": {}\n}");
    Section root = read.root();
    std::string text = "kept", object = "kept";
    std::int64_t number = 7;
    bool flag = true;
    Texts texts{"kept"};
    std::map<std::string, std::string> map;
    root.text("text", text);
    root.integer("number", number, 1, 10);
    root.flag("flag", flag);
    root.choice("choice", text, {"a", "b"});
    root.texts("texts", texts);
    root.text_map("map", map);
    root.object_text("object", object);
    root.section("section").text("text", text);
    root.sections("sections");
    root.finish();
    CHECK(read.problems.errors ==
          Texts{"f.json:2: text: must be a text", "f.json:3: number: must be a whole number from 1 to 10",
                "f.json:3: flag: must be true or false", "f.json:4: choice: must be one of: a, b",
                "f.json:4: texts: must be a list of texts", "f.json:5: map.a: must be a text",
                "f.json:6: object: must be an object", "f.json:6: section: must be an object",
                "f.json:6: sections: must be a list of objects"});
    CHECK(text == "kept");
    CHECK(number == 7);
    CHECK(flag);
    CHECK(texts == Texts{"kept"});
    CHECK(object == "kept");
}

TEST_CASE("a key that is missing is reported at the object that should have it") {
    Read read("{\n\"plugins\": [\n{},\n{\"name\": \"\"}]}");
    for (Section &section : read.root().sections("plugins")) {
        std::string name;
        section.required_text("name", name);
    }
    CHECK(read.problems.errors ==
          Texts{"f.json:3: plugins[0]: \"name\" is missing", "f.json:4: plugins[1].name: must not be empty"});
}

TEST_CASE("unknown keys and keys that are there twice are reported, with the one that was probably meant") {
    Read read("{\"timeout\": 1, \"other\": 1, \"name\": 1, \"name\": 2}");
    Section root = read.root();
    std::int64_t number = 0;
    root.integer("timeout_s", number, 0, 9);
    root.integer("name", number, 0, 9);
    root.finish();
    CHECK(read.problems.errors == Texts{"f.json:1: timeout: unknown key; did you mean \"timeout_s\"?",
                                        "f.json:1: other: unknown key; known here: timeout_s, name",
                                        "f.json:1: name: is there twice"});
}

TEST_CASE("a file must be one object") {
    Read array("[]");
    CHECK(!array.file);
    CHECK(array.problems.errors == Texts{"f.json: the configuration must be one JSON object"});
    Read broken("{");
    CHECK(!broken.file);
    CHECK(broken.problems.errors.size() == 1);
}

TEST_CASE("a byte order mark is ignored, and UTF-16 is named") {
    Read read("\xef\xbb\xbf\xef\xbb\xbf{\n\"a\": 1}");
    Section root = read.root();
    std::string text;
    root.text("a", text);
    CHECK(read.problems.errors == Texts{"f.json:2: a: must be a text"});
    Read wide(std::string_view("\xff\xfe{\0}\0", 6));
    CHECK(!wide.file);
    CHECK(wide.problems.errors == Texts{"f.json: it is UTF-16 text; save it as UTF-8"});
}

TEST_CASE("a key that only seems to be right is shown with what cannot be seen") {
    Read read("{\n\"name\u00a0\": 1, \"Module\": 2}");
    Section root = read.root();
    std::string text;
    root.text("name", text);
    root.text("module", text);
    root.finish();
    CHECK(
        read.problems.errors ==
        Texts{
            "f.json:2: name<U+00A0>: unknown key; did you mean \"name\"? It differs only in blanks or other characters "
            "that cannot be seen",
            "f.json:2: Module: unknown key; did you mean \"module\"?"});
}

TEST_CASE("an id with something that cannot be seen is refused, and a secret without showing it") {
    Read read("{\"id\": \"3f2\u200b\", \"module\": \" m\", \"good\": \"a b\"}");
    Section root = read.root();
    std::string id, module, good;
    root.required_id("id", id);
    root.required_id("module", module);
    root.required_id("good", good);
    root.check_visible("id", "s1\n", false);
    CHECK(read.problems.errors ==
          Texts{"f.json:1: id: has a blank at an end or a character that cannot be seen: \"3f2<U+200B>\"; remove it",
                "f.json:1: module: has a blank at an end or a character that cannot be seen: \"\u2420m\"; remove it",
                "f.json:1: id: has a blank at an end or a character that cannot be seen; remove it"});
}
