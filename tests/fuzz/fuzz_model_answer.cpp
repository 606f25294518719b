// Answers of models, and answers of Hub about tasks and assets. Any bytes must be read or refused, and the result of
// reading must be written as valid JSON.
#include "host/model/asset_walk.hpp"
#include "host/model/label_import.hpp"
#include "host/model/model_answer.hpp"
#include "host/model/model_task.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace angod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    host::labelled_of(text);
    host::ModelAnswer before;
    if (const auto parsed = json::parse(text)) {
        before = host::answer_of_task(*parsed);
        host::time_of(*parsed);
        (void)host::read_asset_page(*parsed);
    }
    auto answer = host::read_model_answer(text);
    if (!answer) return 0;
    host::add_object_ids(*answer, "seed");
    if (!answer->objects.empty() && !host::contains(*answer, *answer)) std::abort();
    host::merge_existing(*answer, before);
    const std::string out = "{" + lists_text(*answer) + brushes_text(*answer) + others_text(*answer) + "}";
    if (!host::read_model_answer(out)) std::abort();
    return 0;
}
