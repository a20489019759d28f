using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>The public surface of an assembly as text: a line a type, a line a member, sorted.</summary>
internal static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
    };

    private static readonly Type[] s_unspoken = [typeof(object), typeof(ValueType), typeof(Enum), typeof(MulticastDelegate)];

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            if (text.Length != 0) _ = text.Append('\n');
            _ = text.Append(Head(type)).Append('\n');
            foreach (string line in Members(type)) _ = text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } =>
                (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref struct" : "struct"),
            _ when type.IsSubclassOf(typeof(MulticastDelegate)) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        List<string> bases = [];
        if (type.BaseType is { } parent && !s_unspoken.Contains(parent)) bases.Add(Name(parent));
        bases.AddRange(type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(one => one.IsPublic && !type.IsEnum)
            .Select(Name).Order(StringComparer.Ordinal));
        return $"{kind} {type.Namespace}.{Name(type)}{(bases.Count == 0 ? "" : " : " + string.Join(", ", bases))}";
    }

    private static IEnumerable<string> Members(Type type) => type.IsEnum
        ? type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(value =>
            string.Create(CultureInfo.InvariantCulture, $"{value.Name} = {value.GetRawConstantValue()}"))
        : type.GetMembers(Declared)
            .Where(member => !member.IsDefined(typeof(CompilerGeneratedAttribute)) && !member.Name.Contains('<', StringComparison.Ordinal))
            .Select(member => (member.Name, Line: Line(member)))
            .Where(member => member.Line is not null)
            .OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Line, StringComparer.Ordinal)
            .Select(member => member.Line!);

    private static string? Line(MemberInfo member) => member switch
    {
        ConstructorInfo one when IsVisible(one) => $"{Access(one)}new({Parameters(one)})",
        MethodInfo one when IsVisible(one) && (!one.IsSpecialName || one.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Access(one)}{Name(one.ReturnType)} {one.Name}{Generics(one)}({Parameters(one)})",
        PropertyInfo one when one.GetAccessors(nonPublic: true).Any(IsVisible) => Property(one),
        EventInfo { AddMethod: { } add } one when IsVisible(add) => $"{Access(add)}event {Name(one.EventHandlerType!)} {one.Name}",
        FieldInfo { IsPublic: true } one => $"{Modifiers(one)}{Name(one.FieldType)} {one.Name}",
        _ => null, // a nested type has a head of its own
    };

    private static string Property(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. property.GetAccessors(nonPublic: true).Where(IsVisible)];
        string index = property.GetIndexParameters() is { Length: > 0 } parameters
            ? $"[{string.Join(", ", parameters.Select(parameter => Name(parameter.ParameterType)))}]"
            : "";
        string verbs = string.Join(' ', accessors.Select(accessor =>
            accessor == property.GetMethod ? "get;"
            : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;"
            : "set;"));
        return $"{Access(accessors[0])}{Name(property.PropertyType)} {property.Name}{index} {{ {verbs} }}";
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) =>
        (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "") + Virtuality(method);

    private static string Virtuality(MethodBase method) => method switch
    {
        { DeclaringType.IsInterface: true } => "",
        { IsAbstract: true } => "abstract ",
        MethodInfo { IsVirtual: true, IsFinal: false } one => one.GetBaseDefinition() == one ? "virtual " : "override ",
        _ => "",
    };

    private static string Modifiers(FieldInfo field) =>
        field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        string prefix = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        return $"{prefix}{Name(parameter.ParameterType).Replace("ref ", "", StringComparison.Ordinal)} {parameter.Name}" +
            (parameter.HasDefaultValue ? $" = {Default(parameter)}" : "");
    }));

    private static string Default(ParameterInfo parameter) => parameter.RawDefaultValue switch
    {
        null => parameter.ParameterType is { IsValueType: true, IsGenericType: false } ? "default" : "null",
        bool value => value ? "true" : "false",
        string value => $"\"{value}\"",
        object value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (s_keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying) + "?";
        string outer = type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." : "";
        if (!type.IsGenericType) return outer + type.Name;
        string arguments = string.Join(", ", type.GetGenericArguments().Select(Name));
        if (type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true) return $"({arguments})";
        return $"{outer}{type.Name.Split('`')[0]}<{arguments}>";
    }
}
