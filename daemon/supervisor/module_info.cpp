#include "supervisor/module_info.hpp"

#include "base/json.hpp"

namespace angod::supervisor {

Result<ModuleInfo> parse_module_info(std::string_view descriptor) {
    const auto document = json::parse(descriptor);
    if (!document || !document->IsObject()) return error(Code::protocol, "the host sent no usable descriptor");
    ModuleInfo info;
    info.id = json::text_or(*document, "id", "");
    info.name = json::text_or(*document, "name", info.id);
    info.version = json::text_or(*document, "version", "0");
    info.summary = json::text_or(*document, "summary", "");
    info.abi = json::text_or(*document, "abi", "");
    const json::Value *concurrent = json::find(*document, "concurrent");
    info.concurrent = concurrent && concurrent->IsTrue();
    const json::Value *kinds = json::find(*document, "kinds");
    if (kinds && kinds->IsArray())
        for (const auto &name : kinds->GetArray())
            if (name.IsString())
                if (const auto kind = kind_of(json::view(name))) info.kinds.push_back(*kind);
    info.descriptor = descriptor;
    if (info.id.empty() || info.kinds.empty())
        return error(Code::protocol, "the host sent a descriptor without id or kinds");
    return info;
}

} // namespace angod::supervisor
