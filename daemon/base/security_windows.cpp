#include "base/security_windows.hpp"

#include "base/files.hpp"
#include "base/text_windows.hpp"

#include <fmt/format.h>
#include <sddl.h>

#include <cstddef>
#include <vector>

namespace angod {

namespace {

Result<std::wstring> text_of(PSID sid) {
    LPWSTR text = nullptr;
    if (!::ConvertSidToStringSidW(sid, &text))
        return error(Code::io, "cannot write down a security identifier: " + files::system_error());
    std::wstring out(text);
    ::LocalFree(text);
    return out;
}

Result<std::wstring> own_sid() {
    NativeHandle opened = nullptr;
    if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened))
        return error(Code::io, "cannot find out which user this process belongs to: " + files::system_error());
    const Handle token(opened);
    DWORD size = 0;
    ::GetTokenInformation(token.get(), TokenUser, nullptr, 0, &size);
    std::vector<std::byte> buffer(size);
    if (!::GetTokenInformation(token.get(), TokenUser, buffer.data(), size, &size))
        return error(Code::io, "cannot find out which user this process belongs to: " + files::system_error());
    return text_of(reinterpret_cast<const TOKEN_USER *>(buffer.data())->User.Sid);
}

Result<std::wstring> sid_of(const std::string &account) {
    const std::wstring name = to_wide(account);
    DWORD sid_size = 0, domain_size = 0;
    SID_NAME_USE use{};
    ::LookupAccountNameW(nullptr, name.c_str(), nullptr, &sid_size, nullptr, &domain_size, &use);
    std::vector<std::byte> sid(sid_size);
    std::wstring domain(domain_size, L'\0');
    if (sid_size == 0 ||
        !::LookupAccountNameW(nullptr, name.c_str(), sid.data(), &sid_size, domain.data(), &domain_size, &use))
        return error(Code::invalid,
                     fmt::format("there is no group or user \"{}\": {}", account, files::system_error()));
    return text_of(sid.data());
}

/// D:P: a list of rights that inherits none of the parent folder. OICI: files and folders inside inherit it.
std::wstring owner_sddl(const std::wstring &owner) {
    return L"D:P(A;OICI;FA;;;" + owner + L")(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
}

} // namespace

Result<Security> Security::from_sddl(const std::wstring &sddl) {
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl.c_str(), SDDL_REVISION_1, &descriptor, nullptr))
        return error(Code::io, "cannot make a security descriptor: " + files::system_error());
    return Security(descriptor);
}

Result<Security> Security::owner_only() {
    const auto owner = own_sid();
    if (!owner) return owner.error();
    return from_sddl(owner_sddl(*owner));
}

Result<Security> Security::shared(const std::string &group, bool everybody) {
    const auto owner = own_sid();
    if (!owner) return owner.error();
    std::wstring sddl = owner_sddl(*owner);
    if (!group.empty()) {
        const auto sid = sid_of(group);
        if (!sid) return sid.error();
        sddl += L"(A;;FRFW;;;" + *sid + L")";
    }
    if (everybody) sddl += L"(A;;FRFW;;;AU)";
    return from_sddl(sddl);
}

} // namespace angod
