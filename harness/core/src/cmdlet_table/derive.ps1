# Derives cmdlets.txt from the modules that are installed here, and writes it to standard output:
#
#   pwsh derive.ps1 Az.Accounts Az.Aks Az.App … > cmdlets.txt
#
# This script has never been run where it was written: PowerShell is not to be had there. Read what
# it writes before you commit it.

param([Parameter(Mandatory, ValueFromRemainingArguments)] [string[]] $Modules)

$ErrorActionPreference = 'Stop'
# What all cmdlets have, and what generated modules hide.
$common = [System.Management.Automation.Cmdlet]::CommonParameters +
    [System.Management.Automation.Cmdlet]::OptionalCommonParameters +
    @('DefaultProfile', 'Break', 'HttpPipelineAppend', 'HttpPipelinePrepend', 'Proxy',
      'ProxyCredential', 'ProxyUseDefaultCredentials', 'AcquirePolicyToken', 'ChangeReference')

"# Written by derive.ps1 on $(Get-Date -Format 'yyyy-MM-dd')."
foreach ($name in $Modules) {
    $module = Get-Module -ListAvailable -Name $name |
        Sort-Object -Property Version -Descending | Select-Object -First 1
    Import-Module -Name $module.Path
    ''
    "# $name $($module.Version)"
    "@ $name complete"
    foreach ($cmdlet in Get-Command -Module $name -CommandType Cmdlet, Function | Sort-Object -Property Name) {
        $parameters = $cmdlet.Parameters.Values | Where-Object Name -NotIn $common | Sort-Object -Property Name
        $written = foreach ($parameter in $parameters) {
            $sets = $cmdlet.ParameterSets | Where-Object { $_.Parameters.Name -contains $parameter.Name }
            $needed = $sets.Count -eq $cmdlet.ParameterSets.Count -and
                -not ($sets | Where-Object {
                    -not ($_.Parameters | Where-Object Name -EQ $parameter.Name).IsMandatory })
            $aliases = if ($parameter.Aliases) { '=' + ($parameter.Aliases -join ',') }
            $parameter.Name + $aliases + $(if ($parameter.SwitchParameter) { '?' }) + $(if ($needed) { '!' })
        }
        "$($cmdlet.Name) : $written"
    }
}
