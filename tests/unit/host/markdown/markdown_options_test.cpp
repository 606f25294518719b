#include "host/markdown/markdown_options.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

const std::vector<std::string> kColumns{"id", "Batch", "batch_name", "x"};

MarkdownOptions options(const char *config, const std::vector<std::string> &columns = kColumns) {
    const auto read = read_markdown_options(config, columns);
    REQUIRE(read);
    return *read;
}
std::string refusal(const char *config) {
    const auto read = read_markdown_options(config, kColumns);
    return read ? "" : read.error().text;
}

} // namespace

TEST_CASE("without options: the usual column of batches, the row's number, uploads of 100") {
    for (const char *config :
         {"{}", R"({"batch_name_column":null,"external_id_columns":null,"upload_batch_size":null})"}) {
        const MarkdownOptions read = options(config);
        CHECK(read.batch_column == 1);
        CHECK(read.id_columns.empty());
        CHECK(read.chunk == 100);
        CHECK(read.notes.empty());
    }
    for (const char *name : {"batch", "BATCH_NAME", "Batch-Name", "batchname"})
        CHECK(options("{}", {"a", name}).batch_column == 1);
    for (const char *name : {"batches", "my_batch", "batch name", ""})
        CHECK_FALSE(options("{}", {"a", name}).batch_column);
}

TEST_CASE("the column of batches as the user names it") {
    CHECK(options(R"({"batch_name_column":"x"})").batch_column == 3);
    CHECK_FALSE(options(R"({"batch_name_column":"IGNORE"})").batch_column);
    const MarkdownOptions other = options(R"({"batch_name_column":"y"})");
    CHECK(other.batch_column == 1);
    CHECK(other.notes.size() == 1);
    const MarkdownOptions none = options(R"({"batch_name_column":"y"})", {"a"});
    CHECK_FALSE(none.batch_column);
    CHECK(none.notes.at(0).ends_with("the assets go to no batch."));
}

TEST_CASE("columns for names, in the user's order, one of them perhaps twice") {
    CHECK(options(R"({"external_id_columns":["x","id","x"]})").id_columns == std::vector<std::size_t>{3, 0, 3});
    CHECK(
        refusal(R"({"external_id_columns":["X"]})").find("Its columns are \"id\", \"Batch\", \"batch_name\", \"x\".") !=
        std::string::npos);
    CHECK(refusal(R"({"external_id_columns":[1]})").find("must be a list of column names") != std::string::npos);
}

TEST_CASE("the size of uploads") {
    CHECK(options(R"({"upload_batch_size":7})").chunk == 7);
    CHECK(options(R"({"upload_batch_size":7.9})").chunk == 7);
    for (const char *config :
         {R"({"upload_batch_size":0})", R"({"upload_batch_size":-3})", R"({"upload_batch_size":0.5})"})
        CHECK(options(config).chunk == 100);
    const MarkdownOptions large = options(R"({"upload_batch_size":1e300})");
    CHECK(large.chunk == 1000);
    CHECK(large.notes.size() == 1);
    CHECK(refusal(R"({"upload_batch_size":true})").find("must be a whole number") != std::string::npos);
}

TEST_CASE("names of columns in options count without blanks, and what nobody can see does not matter") {
    const std::vector<std::string> columns{"caf\u00e9", "Day", "a b"};
    for (const char *name : {" Day ", "Day\u00a0", "\ufeffDay", "Da\u200by"}) {
        CAPTURE(name);
        const std::string config = std::string(R"({"batch_name_column":")") + name + "\"}";
        const MarkdownOptions read = options(config.c_str(), columns);
        CHECK(read.batch_column == 1);
        CHECK(read.notes.empty());
    }
    CHECK(options("{\"external_id_columns\":[\"cafe\u0301\",\" a\u00a0b \"]}", columns).id_columns ==
          std::vector<std::size_t>{0, 2});
    for (const char *word : {"IGNORE", " IGNORE ", "ignore", "Ignore"}) {
        CAPTURE(word);
        const std::string config = std::string(R"({"batch_name_column":")") + word + "\"}";
        CHECK_FALSE(options(config.c_str()).batch_column);
    }
    CHECK(options(R"({"batch_name_column":"auto_detect"})").batch_column == 1);
    CHECK(options(R"({"batch_name_column":"auto_detect"})").notes.empty());
}

TEST_CASE("a name that differs from a column in upper and lower case is told with the column") {
    CHECK(
        refusal(R"({"external_id_columns":["ID"]})") ==
        "Option \"external_id_columns\" names the column \"ID\", which the CSV does not have. Its columns are \"id\", "
        "\"Batch\", \"batch_name\", \"x\". The column \"id\" differs from it only in upper and lower case.");
    const MarkdownOptions other = options(R"({"batch_name_column":"X"})");
    CHECK(other.notes ==
          std::vector<std::string>{
              "The CSV has no column \"X\", which option \"batch_name_column\" names: column \"Batch\" is "
              "used instead. The column \"x\" differs from it only in upper and lower case."});
    CHECK(
        options("{}", {"batch", "Batch"}).notes ==
        std::vector<std::string>{"The columns \"batch\" and \"Batch\" of the CSV differ only in upper and lower case: "
                                 "\"batch\" names the batches. Option \"batch_name_column\" can name the other."});
}
