#include "host/module/description.hpp"

#include "base/json.hpp"
#include "host/module/call_module.hpp"
#include "host/module/instances.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace angod::host {

namespace {

/// The descriptor of a module built with an early 0.x interface may end before this member.
bool has_describe(const ango_module &module) {
    return module.struct_size >= offsetof(ango_module, describe) + sizeof module.describe && module.describe;
}

Error refuse(std::string_view what) {
    return error(Code::invalid, fmt::format("the module's description cannot be used: {}", what));
}

/// Calls describe and returns the members for descriptor_json.
Result<std::string> ask(const ango_module &module, ango_instance *instance) {
    ango_str said{};
    const auto status = call_module("describe", [&] { return module.describe(instance, &said); });
    if (!status) return status.error();
    if (*status != ANGO_OK) return refuse(fmt::format("describe failed with status {}", *status));
    if (said.size == 0) return std::string();
    const auto members = json::members({said.data, static_cast<std::size_t>(said.size)});
    if (!members) return refuse(members.error().text);
    std::string out;
    for (const json::Member &member : *members) {
        const bool classes = member.name == "classes";
        if (!classes && member.name != "config") continue; // a member of a later revision
        if (member.value[0] != (classes ? '[' : '{'))
            return refuse(fmt::format("\"{}\" must be {}", member.name, classes ? "a list" : "an object"));
        out += fmt::format(",{}:{}", json::quote(member.name), member.value);
    }
    return out;
}

} // namespace

Result<std::string> describe(const LoadedModule &module, const std::string &settings) {
    if (!has_describe(*module.descriptor)) return std::string();
    const auto instance = create_instance(module, settings);
    if (!instance) return instance.error();
    auto members = ask(*module.descriptor, *instance);
    const auto destroyed = call_module("destroy", [&] {
        module.descriptor->destroy(*instance);
        return ANGO_OK;
    });
    if (members && !destroyed) return destroyed.error();
    return members;
}

} // namespace angod::host
